"""Sealing of API keys."""

import uuid

import pytest
from cryptography.fernet import Fernet

from dashboard.keys import sealing
from dashboard.upstream.secret import Secret

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()
ROW = uuid.uuid4()
SECRET = Secret("sk-canary-000000000000")


def test_it_opens_what_it_sealed() -> None:
    assert sealing.unseal(sealing.seal(SECRET, ROW, [NEW]), ROW, [NEW]) == SECRET


def test_an_older_key_of_the_ring_still_opens() -> None:
    assert sealing.unseal(sealing.seal(SECRET, ROW, [OLD]), ROW, [NEW, OLD]) == SECRET


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(SECRET, ROW, [NEW]), uuid.uuid4(), [NEW])


def test_a_wrong_keyring_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(SECRET, ROW, [OLD]), ROW, [NEW])


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_flipped_bit_does_not_open(place: int) -> None:
    sealed = bytearray(sealing.seal(SECRET, ROW, [NEW]))
    sealed[place] ^= 1
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(sealed), ROW, [NEW])


def test_nothing_sealed_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(b"", ROW, [NEW])

"""Sealing of API keys."""

import uuid

import pytest
from cryptography.fernet import Fernet

from dashboard.keys import sealing
from dashboard.upstream.secret import Secret

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()
ROW = uuid.uuid4()
ALICE, BOB = 1, 2
SECRET = Secret("sk-canary-000000000000")


def test_it_opens_what_it_sealed() -> None:
    assert sealing.unseal(sealing.seal(SECRET, ROW, ALICE, [NEW]), ROW, ALICE, [NEW]) == SECRET


def test_an_older_key_of_the_ring_still_opens() -> None:
    assert sealing.unseal(sealing.seal(SECRET, ROW, ALICE, [OLD]), ROW, ALICE, [NEW, OLD]) == SECRET


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(SECRET, ROW, ALICE, [NEW]), uuid.uuid4(), ALICE, [NEW])


def test_a_seal_does_not_open_for_another_owner() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(SECRET, ROW, ALICE, [NEW]), ROW, BOB, [NEW])


def test_a_seal_of_before_opens() -> None:
    sealed = b"1:" + Fernet(NEW).encrypt(f"{ROW}\n{SECRET.reveal()}".encode())
    assert sealing.unseal(sealed, ROW, ALICE, [NEW]) == SECRET


@pytest.mark.parametrize("bound", [True, False])
def test_a_seal_does_not_pass_for_one_of_another_version(bound: bool) -> None:
    sealed = sealing.seal(SECRET, ROW, ALICE, [NEW], bound=bound)
    with pytest.raises(sealing.SealBroken):
        sealing.unseal((sealing.UNBOUND if bound else sealing.BOUND) + sealed[2:], ROW, ALICE, [NEW])


def test_a_wrong_keyring_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealing.seal(SECRET, ROW, ALICE, [OLD]), ROW, ALICE, [NEW])


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_flipped_bit_does_not_open(place: int) -> None:
    sealed = bytearray(sealing.seal(SECRET, ROW, ALICE, [NEW]))
    sealed[place] ^= 1
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(sealed), ROW, ALICE, [NEW])


def test_nothing_sealed_does_not_open() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(b"", ROW, ALICE, [NEW])

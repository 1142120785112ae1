"""compose.yaml and Dockerfile refer only to things that exist; Docker itself is not needed."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import load_command_class

from tests.deployment import compose_file
from tests.deployment.compose_file import PRODUCT, compose
from tests.support.processes import ROOT, ServerProcess
from tests.support.programs import program


@pytest.mark.parametrize("name", PRODUCT)
def test_its_commands_are_ones_that_the_product_has(name: str) -> None:
    command, *arguments = compose()["services"][name]["command"]
    load_command_class("dashboard", command).create_parser("manage.py", command).parse_args(arguments)


def test_the_images_own_command_is_one_too() -> None:
    assert json.loads(compose_file.said("CMD")) == compose()["services"]["server1"]["command"]


@pytest.mark.parametrize("name", PRODUCT)
def test_its_settings_are_ones_that_the_product_reads(name: str) -> None:
    assert set(compose()["services"][name]["environment"]) <= compose_file.settings_read()


def test_servers_and_pollers_have_the_same_settings() -> None:
    assert len({str(compose()["services"][name]["environment"]) for name in PRODUCT}) == 1


@pytest.mark.parametrize("name", [*PRODUCT, "postgres"])
def test_every_secret_is_mounted_and_made(name: str, tmp_path: Path) -> None:
    subprocess.run([ROOT / "ops/make-secrets", tmp_path], check=True)
    service = compose()["services"][name]
    files = {
        value.removeprefix("/run/secrets/") for key, value in service["environment"].items() if key.endswith("_FILE")
    }
    assert files == set(service["secrets"])
    assert {compose()["secrets"][file]["file"] for file in files} == {f"./secrets/{file}" for file in files}
    assert all((tmp_path / file).read_text().strip() for file in files)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    program("openssl")
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "ops/make-secrets", folder], check=True)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    subprocess.run([ROOT / "ops/make-secrets", folder], check=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert before["postgres_password"].strip() in before["database_url"]
    Fernet(before["keyring"].strip())
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_it_mounts_from_the_repository_is_there() -> None:
    mounts = [volume.split(":")[0] for volume in compose()["services"]["nginx"]["volumes"]]
    assert [path for path in mounts if path.startswith("./ops") and not (ROOT / path).is_file()] == []


def test_what_it_waits_for_tells_when_it_is_ready() -> None:
    services = compose()["services"]
    waited_for = {name for service in services.values() for name in service.get("depends_on", {})}
    # The servers use the health check of the image.
    assert {name for name in waited_for if "healthcheck" not in services[name]} == {"server1", "server2"}


def test_nginx_knows_the_servers_and_is_known_to_them() -> None:
    services = compose()["services"]
    site = (ROOT / "ops/nginx/reelboard.conf").read_text()
    assert all(f"server {name}:8000 " in site for name in PRODUCT if name.startswith("server"))
    trusted = services["server1"]["environment"]["TRUSTED_PROXIES"]
    assert services["nginx"]["networks"]["front"]["ipv4_address"] == trusted


def test_the_database_and_redis_are_out_of_reach() -> None:
    services, networks = compose()["services"], compose()["networks"]
    assert networks["back"]["internal"]
    assert [services[name]["networks"] for name in ("postgres", "redis")] == [["back"], ["back"]]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


def test_what_gets_into_the_image_is_there_and_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / source).exists() for source in compose_file.copied())
    assert {*compose_file.copied(), "requirements.lock"} == let_in


def test_the_image_runs_as_nobody_special() -> None:
    assert compose_file.said("USER") == compose()["services"]["nginx"]["user"] == "10001:10001"


@pytest.mark.server
def test_the_health_check_asks_by_a_name_that_is_allowed(process: ServerProcess) -> None:
    process.env = {"ALLOWED_HOSTS": ".example.com,127.0.0.1", "CSRF_TRUSTED_ORIGINS": "https://a.example.com"}
    process.start()
    env = {"PATH": os.environ["PATH"], "PORT": str(process.port)}
    check = [str(ROOT / "ops/healthcheck")]
    assert subprocess.run(check, env={**env, "ALLOWED_HOSTS": ".example.com"}).returncode == 0
    assert subprocess.run(check, env={**env, "ALLOWED_HOSTS": "other.example"}).returncode == 1
    process.kill()
    gone = subprocess.run(check, env=env, capture_output=True, text=True)
    assert (gone.returncode, gone.stderr) == (1, "ConnectionRefusedError: [Errno 111] Connection refused\n")

"""Nothing starts with a secret that everybody can read, or sends people's numbers to a foreign host."""

import os
import re
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from housing_queue.secret_settings import refuse_examples, refuse_other_hosts
from tools.environment import ROOT

EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
SECRETS = {
    "SECRET_KEY": "a-secret-of-our-own-" * 4,
    "MANIFEST_KEY": "b25seSBmb3IgdGVzdHMsIG5vIHNlY3JldCBhdCBhbGw=",
    "ENVELOPE_KEYS": "one-of-our-own",
    "DATABASE_URL": "postgres://kezek_app:own@127.0.0.1:9/kezek",
    "MIGRATIONS_DATABASE_URL": "postgres://kezek:own-too@127.0.0.1:9/kezek",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "DEMO": "false",
}


def start(**environment):
    """What loading the settings says, as every process does first."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import housing_queue.settings"],
        cwd=ROOT,
        env=clean | SECRETS | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_with_secrets_of_its_own_and_with_one_role_for_both():
    assert start().returncode == 0
    assert start(MIGRATIONS_DATABASE_URL="").returncode == 0


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "MANIFEST_KEY", "ENVELOPE_KEYS", "DATABASE_URL", "MIGRATIONS_DATABASE_URL"]
)
def test_refuse_to_start_with_a_secret_of_the_example(name):
    refused = start(**{name: EXAMPLE[name]})
    assert refused.returncode != 0
    assert f"not those of .env.example: {name}\n" in refused.stderr
    assert "change-me" not in refused.stderr.splitlines()[-1]
    assert start(**{name: EXAMPLE[name]}, DEMO="true").returncode == 0


@pytest.mark.parametrize("name", ["SECRET_KEY", "MANIFEST_KEY", "ENVELOPE_KEYS"])
def test_refuse_to_start_without_a_secret(name):
    clean = {key: value for key, value in SECRETS.items() if key != name}
    refused = subprocess.run(
        [sys.executable, "-c", "import housing_queue.settings"],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert name in refused.stderr


def test_an_old_key_of_the_example_is_refused_beside_a_new_one():
    with pytest.raises(ImproperlyConfigured, match="ENVELOPE_KEYS"):
        refuse_examples({"ENVELOPE_KEYS": ["own", "change-me-as-well"]}, is_demo=False)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://gateway.example.kz/",
        "http://169.254.169.254/latest/meta-data/",
        "https://gateway.example.kz.evil.example/",
        "https://gateway.example.kz@evil.example/",
        "https://user:password@gateway.example.kz/",
        "https://evil.example/?gateway.example.kz",
        "//gateway.example.kz/",
        "",
    ],
)
def test_refuse_an_address_of_the_gateway_that_is_not_its(url):
    with pytest.raises(ImproperlyConfigured, match="GATEWAY_URL") as refused:
        refuse_other_hosts(url, allowed=["gateway.example.kz"])
    assert "evil" not in str(refused.value)


def test_the_host_of_the_gateway_is_asked_at_every_start():
    refuse_other_hosts("https://gateway.example.kz:8443/shep", allowed=["gateway.example.kz"])
    assert "GATEWAY_HOSTS" in start(GATEWAY_URL="https://elsewhere.example/").stderr
    named = {"GATEWAY_URL": "https://elsewhere.example/", "GATEWAY_HOSTS": "elsewhere.example"}
    assert start(**named).returncode == 0

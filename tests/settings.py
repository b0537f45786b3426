"""The project's settings with harmless values where the environment gives none, and without slow passwords.

./test gives DATABASE_URL and REDIS_URL of throw-away servers; without them only what needs no server works.
"""

import os

_HARMLESS = {
    "SECRET_KEY": "only-for-tests",
    "MANIFEST_KEY": "b25seSBmb3IgdGVzdHMsIG5vIHNlY3JldCBhdCBhbGw=",
    "DATABASE_URL": "postgres://kezek@127.0.0.1:9/kezek",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "GATEWAY_URL": "http://127.0.0.1:9/",
    # Most tests ask a source more than its owner would allow; those of the limits set their own.
    "GATEWAY_LIMITS_FACTOR": "1000",
    "ENVELOPE_KEYS": "only-for-tests",
    "DEMO": "false",
    "HTTPS": "false",
    "PLAIN_STATIC": "true",
    # Each test begins with empty counters; those of what was lost set their own.
    "LOOK_UPS_CLOSED_AFTER_LOSS": "0",
}
for _name, _value in _HARMLESS.items():
    os.environ.setdefault(_name, _value)
# What ./run sets for a demo would hide what production does.
os.environ["DEMO"] = "false"

from housing_queue.settings import *  # noqa: E402, F403
from housing_queue.settings import CACHES, REDIS_URL  # noqa: E402

# A browser keeps its connections to the test's server open, each with a thread of its own.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
# Tests collect no static files: each is looked for where it lies.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# A test sees what it changed at once; those of the memory itself switch it on.
PUBLIC_PAGES_REMEMBERED_SECONDS = 0
# Most tests are about what comes after it; those of the second factor switch it on.
SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests run side by side: each process counts and remembers in a Redis database of its own, and may empty it.
# The broker's is none of them.
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = f"{REDIS_URL.split('?')[0]}?db={_PROCESS + 1}"
CACHES["default"]["LOCATION"] = REDIS_URL
# ./test migrates one database, and every process of the tests copies it.
if "TEST_TEMPLATE" in os.environ:
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["TEST_TEMPLATE"]}  # noqa: F405

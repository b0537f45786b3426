"""
All settings of the project; what differs between machines comes from the environment.

A secret has no default: without it the start is refused with a sentence that says what to set. Each NAME may
come as the content of a file instead, named by NAME_FILE: so secrets stay out of the environment.
"""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from housing_queue import log_config, secret_settings
from housing_queue.lanes import LANES

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
# A demo has invented people, demo passwords and a clock that starts on its world's day.
DEMO = env.bool("DEMO", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
KEZEK_VAR = Path(env.str("KEZEK_VAR", default=str(BASE_DIR / "var")))
# Where citizens reach this installation: printed as QR codes in protocols.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "housing_queue",
    "allocation",
    "queue_registry",
    "integrations",
    "housing_queue.admin_config.KezekAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "pgtrigger",
    "axes",
    "csp",
    "django_prometheus",
    "django_otp",
    # Its table is empty: secrets lie sealed in queue_registry.Telephone, whose migration needs it.
    "django_otp.plugins.otp_totp",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "housing_queue.middleware.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "housing_queue.middleware.PageCompressionMiddleware",
    "housing_queue.public_pages.PublicPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "housing_queue.middleware.RequestContextMiddleware",
    "housing_queue.outages.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "housing_queue.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "housing_queue.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "housing_queue.middleware.KeptElsewhereMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "housing_queue.urls"
WSGI_APPLICATION = "housing_queue.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# The application's role works with rows; the owner of the tables, of MIGRATIONS_DATABASE_URL, changes the
# schema, and is known to tools.prepare alone (housing_queue/privileges.py). Empty: one role for both.
DATABASES = {"default": env.db("DATABASE_URL")}
MIGRATIONS_DATABASE_URL = env.str("MIGRATIONS_DATABASE_URL", default="")
DATABASES["default"].setdefault("OPTIONS", {})
# What `queue_registry/selectors/kept_queries.py` sends is prepared at its first use, and planned once.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0
# One connection a process stays open: a new one for each request costs five times the request.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A database that is away is given up after so many seconds; a statement of a web request after so many (0:
# never, as for workers), before the web server gives the process up that waits for it.
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", env.int("DATABASE_CONNECT_SECONDS", default=5))
DATABASE_STATEMENT_SECONDS = env.int("DATABASE_STATEMENT_SECONDS", default=0)
if DATABASE_STATEMENT_SECONDS:
    DATABASES["default"]["OPTIONS"].setdefault(
        "options", f"-c statement_timeout={DATABASE_STATEMENT_SECONDS}s"
    )
# Whoever comes while the database is away is told to come again after so many seconds.
OUTAGE_RETRY_SECONDS = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE_PREFIX", default="kezek") + ".default"
# A queue for each lane (housing_queue/lanes.py); a worker that is told no queues serves all of them.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {
    f"{CELERY_TASK_DEFAULT_QUEUE.removesuffix('.default')}.{lane}": {} for lane in LANES
}
CELERY_TASK_ROUTES = ("housing_queue.lanes.route",)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Almaty"

GATEWAY_URL = env.str("GATEWAY_URL", default="http://127.0.0.1:8099/")
# The only hosts to which questions about people may go: whoever changes the address alone is refused.
GATEWAY_HOSTS = env.list("GATEWAY_HOSTS", default=["127.0.0.1", "localhost", "gateway"])
# PEM files: our key and certificate, and the certificates whose answers are trusted. Without a key nothing is
# signed, and an answer that carries a signature is refused.
GATEWAY_KEY_FILE = env.str("GATEWAY_KEY_FILE", default="")
GATEWAY_CERTIFICATE_FILE = env.str("GATEWAY_CERTIFICATE_FILE", default="")
GATEWAY_TRUSTED_FILE = env.str("GATEWAY_TRUSTED_FILE", default="")
# Who signs: another class for keys of the national standard (see integrations/gateway/signing.py).
GATEWAY_SIGNATURES = env.str("GATEWAY_SIGNATURES", default="integrations.gateway.signing.RsaSignatures")
# What the owners of the systems allow is multiplied by this: the invented systems of a demo allow more.
GATEWAY_LIMITS_FACTOR = env.int("GATEWAY_LIMITS_FACTOR", default=1000 if DEMO else 1)
# What we wait is divided by this (timeouts, pauses before another attempt, pauses of a circuit): 1 for real
# systems; a benchmark on invented ones is in haste.
GATEWAY_HASTE = env.int("GATEWAY_HASTE", default=1)
# Secrets that the kept envelopes and the secrets of staff's telephones are encrypted with, the newest first;
# older ones still read.
ENVELOPE_KEYS = env.list("ENVELOPE_KEYS")
ENVELOPE_RETENTION_DAYS = env.int("ENVELOPE_RETENTION_DAYS", default=365)
# After so many days nobody needs to know any more who signed in, and who failed to (docs/data-protection.md).
SIGN_IN_RECORDS_DAYS = env.int("SIGN_IN_RECORDS_DAYS", default=1096)
# Who carries notices by SMS and e-mail (see queue_registry/notices/providers.py); empty: each is a letter.
NOTICE_PROVIDER = env.str(
    "NOTICE_PROVIDER", default="queue_registry.notices.fake.FakeProvider" if DEMO else ""
)
# Who knows the telephones of the Mobile Citizens Database (see queue_registry/notices/mobile_numbers.py);
# empty: one-time codes go to the telephone that staff wrote down.
MOBILE_NUMBERS = env.str("MOBILE_NUMBERS", default="")

# Who verifies the signatures of the commission: allocation/signatures/port.py, docs/signatures.md. Empty:
# none can be taken. The development class trusts the keys of a folder (manage.py make_signing_keys), and no
# real ones.
SIGNATURE_VERIFIER = env.str(
    "SIGNATURE_VERIFIER", default="allocation.signatures.dev_verifier.DevPkiVerifier" if DEMO else ""
)
SIGNATURE_PKI_DIR = env.str("SIGNATURE_PKI_DIR", default=str(KEZEK_VAR / "signing"))

# The token with which Prometheus asks for /metrics; empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

AUTH_USER_MODEL = "queue_registry.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("sign_in")
LOGIN_REDIRECT_URL = reverse_lazy("start")
LOGOUT_REDIRECT_URL = reverse_lazy("sign_in")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
# Codes of the telephone besides the password (docs/threat-model.md). No environment switches it off.
SECOND_FACTOR = True
OTP_TOTP_ISSUER = "Kezek"

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("HTTPS", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SESSION_COOKIE_SECURE
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
# How many proxies of our own stand in front: only so many X-Forwarded-For entries are believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Others are told nothing; under "no-referrer" browsers would hide the origin of forms, and CSRF refuse them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No page needs anything of the device.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# The key by which exports for auditors are signed: 32 random bytes in base64.
MANIFEST_KEY = env.str("MANIFEST_KEY")
# The key by which backups are encrypted: 32 random bytes in base64. Without it none is made (docs/backup.md).
BACKUP_KEY = env.str("BACKUP_KEY", default="")
secret_settings.refuse_examples(
    {
        "SECRET_KEY": [SECRET_KEY],
        "MANIFEST_KEY": [MANIFEST_KEY],
        "ENVELOPE_KEYS": ENVELOPE_KEYS,
        "DATABASE_URL": [secret_settings.password_of(env.str("DATABASE_URL"))],
        "MIGRATIONS_DATABASE_URL": [secret_settings.password_of(MIGRATIONS_DATABASE_URL)],
    },
    is_demo=DEMO,
)
secret_settings.refuse_other_hosts(GATEWAY_URL, allowed=GATEWAY_HOSTS)

LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", _("Kazakh")), ("ru", _("Russian")), ("en", _("English"))]
# What staff work in: English is for those who read the public pages from abroad.
DESK_LANGUAGES = ("kk", "ru")
STAFF_PATHS = ("/desk/", "/admin/")
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Almaty"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
# One box to tick for each ready home: a round may have 3,000 of them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

STATIC_URL = "static/"
STATIC_ROOT = KEZEK_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not env.bool("PLAIN_STATIC", default=DEBUG)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = KEZEK_VAR / "media"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "queue_registry.api.conditional.Pages",
    "DEFAULT_THROTTLE_CLASSES": ["queue_registry.api.throttles.ApiThrottle"],
    "EXCEPTION_HANDLER": "queue_registry.api.problems.answer",
}
# Requests to the API: of strangers by address, of other state systems by their token.
API_REQUESTS_PER_ADDRESS = "120/minute"
API_REQUESTS_PER_CLIENT = "600/minute"
# Seconds for which caches may keep what is public and of nobody in particular.
PUBLIC_MAX_AGE = env.int("PUBLIC_MAX_AGE", default=300)
# Seconds for which each process of the web server remembers them as they were sent; 0: not at all.
PUBLIC_PAGES_REMEMBERED_SECONDS = 5
SPECTACULAR_SETTINGS = {
    "TITLE": "Kezek",
    "DESCRIPTION": "The housing queue of Kazakhstan's akimats, provably fair.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "queue_registry.api.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoundStateEnum": "allocation.selectors.rounds.RoundState",
        "ReceivedStateEnum": "queue_registry.api.applications.STATES",
    },
}

# Attempts to look a place up: a source address in a quarter of an hour; wrong answers for one file number,
# and for one IIN, in an hour.
LOOK_UPS_PER_ADDRESS = "10/15minutes"
FAILURES_PER_FILE_NUMBER = "5/hour"
FAILURES_PER_IIN = "5/hour"
# Seconds for which nobody is looked up once the counters were lost: as long as a wrong answer for an IIN
# counts.
LOOK_UPS_CLOSED_AFTER_LOSS = env.int("LOOK_UPS_CLOSED_AFTER_LOSS", default=3600)

# A one-time code by SMS: how long it is good, how often it may be mistyped, how many a household gets in an
# hour.
ONE_TIME_CODE_MINUTES = 10
ONE_TIME_CODE_TRIES = 5
ONE_TIME_CODES_PER_HOUR = 3

LOGGING_CONFIG = None
log_config.configure()

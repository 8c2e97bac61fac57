"""Settings of the platform. Every environment variable is declared here, once (see `environment.py`)."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from geoparticipation import environment, local_postgres
from geoparticipation.bundled_gdal import gdal_library, geos_library, load_gdal

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"


def _kept_secret(name: str) -> str:
    """A random secret of this checkout, made once and kept under `.local/` for its owner alone."""
    path = LOCAL_DIR / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        LOCAL_DIR.mkdir(exist_ok=True)
        fresh = path.with_name(f"{name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)  # whole or not at all, and the first process wins
        fresh.unlink()
        return path.read_text().strip()


# --- Site -------------------------------------------------------------------------------------------------------------
DEBUG = environment.boolean("DEBUG", False, "Show errors in full and reload code; for development only.")
SECRET_KEY = environment.text(
    "SECRET_KEY", "", "Key for sessions and signatures; made and kept under .local/ when empty."
) or _kept_secret("secret_key")
PRIVACY_KEY = environment.text(
    "PRIVACY_KEY",
    "",
    "Key of the hashes that stand for devices and connection addresses; made and kept under .local/ when empty.",
) or _kept_secret("privacy_key")
SITE_URL = environment.text(
    "SITE_URL", "http://127.0.0.1:8000", "Public address of the site, as printed in mails and codes."
).rstrip("/")
DATA_LICENCE = environment.text(
    "DATA_LICENCE",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    "Address of the licence under which the commune publishes its figures.",
)
ALLOWED_HOSTS = [
    *environment.listing("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "Host names under which the site answers."),
    urlsplit(SITE_URL).hostname or "localhost",
]
HTTPS = environment.boolean("HTTPS", False, "The site is reached by HTTPS: secure cookies, HSTS, redirect from HTTP.")
TRUSTED_PROXIES = environment.integer(
    "TRUSTED_PROXIES", 0, "Number of reverse proxies in front, whose X-Forwarded-For entries are believed."
)
TOWN_NAME = environment.text("TOWN_NAME", "", "Name of the commune; when empty, that of the largest district.")
TOWN_COLOUR = environment.text("TOWN_COLOUR", "#0b6e69", "The town's colour (#rrggbb); tints are derived from it.")
DEMO = environment.boolean("DEMO", False, "Show the demo accounts on the sign-in page. Never on a public site.")
BASEMAP_STYLE_URL = environment.text(
    "BASEMAP_STYLE_URL",
    "",
    "A MapLibre style of an outside basemap; when empty, the map is drawn from the town's own streets and districts.",
)

# --- Territory --------------------------------------------------------------------------------------------------------
METRIC_SRID = environment.integer(
    "METRIC_SRID",
    0,
    "Projected reference system (EPSG code, metres) for buffers; 0 takes the UTM zone of the geometry.",
)
ADDRESS_COUNTRY = environment.text(
    "ADDRESS_COUNTRY", "FR", "Country (ISO 3166-1 alpha-2) whose postal format the address lines follow."
)
ROUND_METRES_PER_MINUTE = environment.integer(
    "ROUND_METRES_PER_MINUTE", 70, "How fast people walk who deliver flyers, in metres a minute."
)
ROUND_SECONDS_PER_LETTERBOX = environment.integer(
    "ROUND_SECONDS_PER_LETTERBOX", 15, "How many seconds one letterbox takes: up to it, flyer in, back to the street."
)
ROUND_SECONDS_PER_CROSSING = environment.integer(
    "ROUND_SECONDS_PER_CROSSING", 12, "How many seconds crossing a street takes on a round."
)
TERRITORY_MARGIN_M = environment.integer(
    "TERRITORY_MARGIN_M", 500, "Where a town has no districts: how far from its streets, in metres, a place may lie."
)

# --- Database ---------------------------------------------------------------------------------------------------------
DATABASE_URL = environment.text(
    "DATABASE_URL",
    "",
    "postgres://user:password@host:port/name of a PostGIS database; empty: a private cluster under .local/.",
)
WEB_STATEMENT_TIMEOUT_S = environment.integer(
    "WEB_STATEMENT_TIMEOUT_S", 30, "Seconds after which the database gives up a web request's query; 0: never."
)
DATABASE_POOL_SIZE = environment.integer("DATABASE_POOL_SIZE", 12, "Connections each web process keeps at the most.")
WEB_SLOW_CLIENTS = environment.integer(
    "WEB_SLOW_CLIENTS", 4, "Threads of a web process that may wait for slow clients; half of --blocking-threads."
)


def _database() -> dict[str, object]:
    if not DATABASE_URL:
        return local_postgres.django_database(BASE_DIR)
    url = urlsplit(DATABASE_URL)
    if url.scheme not in {"postgres", "postgresql", "postgis"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgres:// (see README, “Settings”).")
    return {
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(url.port or ""),
    }


DATABASES = {
    "default": {
        "ENGINE": "geoparticipation.database",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {"min_size": 0, "max_size": DATABASE_POOL_SIZE, "timeout": 15},
            # PostGIS functions have high cost estimates: PostgreSQL spent 2.5 s compiling a target's query of 30 ms.
            "options": "-c jit=off",
        },
        **_database(),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
load_gdal()
GDAL_LIBRARY_PATH = gdal_library()
GEOS_LIBRARY_PATH = geos_library()

# --- Applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_gis",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "layers",
    "neighbourhoods",
    "geoparticipation.accounts",
    "geoparticipation.consultations",
    "geoparticipation.mailings",
    "geoparticipation.councils",
    "geoparticipation.contributions",
    "geoparticipation.surveys",
    "geoparticipation.volunteering",
    "geoparticipation.budgets",
    "geoparticipation.meetings",
    "geoparticipation.scenarios",
    "geoparticipation.moderation",
    "geoparticipation.followup",
    "geoparticipation.dashboards",
    "geoparticipation",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "geoparticipation.serving.PatientMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "geoparticipation.problems.ProblemMiddleware",
    "django.middleware.common.CommonMiddleware",
    "geoparticipation.body_limits.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "geoparticipation.accounts.middleware.DeviceCookieMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "geoparticipation.refusals.RefusalPageMiddleware",
]
ROOT_URLCONF = "geoparticipation.urls"
WSGI_APPLICATION = "geoparticipation.wsgi.application"
ASGI_APPLICATION = "geoparticipation.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "geoparticipation" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "geoparticipation.context.site",
            ],
        },
    }
]

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# With "mandatory" the sign-up page answers the same whether an address has an account or not.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "geoparticipation.accounts.adapter.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
RATE_LIMITS = {
    "attempt": environment.integer(
        "RATE_ATTEMPTS_PER_HOUR", 600, "How many times an hour one connection may try to write anything."
    ),
    "submit": environment.integer("RATE_SUBMIT_PER_HOUR", 30, "How many ideas an hour one connection may put in."),
    "comment": environment.integer("RATE_COMMENT_PER_HOUR", 60, "How many comments an hour one connection may write."),
    "support": environment.integer("RATE_SUPPORT_PER_HOUR", 120, "How many supports an hour one connection may give."),
    "response": environment.integer(
        "RATE_RESPONSE_PER_HOUR", 60, "How many surveys an hour one connection may answer."
    ),
    "register": environment.integer(
        "RATE_REGISTER_PER_HOUR", 30, "How many meetings an hour one connection may register for."
    ),
    "workshop": environment.integer(
        "RATE_WORKSHOP_PER_HOUR",
        3000,
        "How many notes, moves and dots an hour one connection may make in workshops; a hall shares one.",
    ),
    "prefer": environment.integer(
        "RATE_PREFER_PER_HOUR", 200, "How many preferences an hour one connection may state about plans."
    ),
    "code": environment.integer(
        "RATE_CODE_PER_HOUR", 20, "How many unknown letterbox codes an hour one connection may try."
    ),
    "message": environment.integer(
        "RATE_MESSAGE_PER_HOUR",
        10,
        "How many messages an hour one connection may write to volunteers or associations.",
    ),
    "report": environment.integer("RATE_REPORT_PER_HOUR", 20, "How many reports an hour one connection may have made."),
    "photo": environment.integer("RATE_PHOTO_PER_HOUR", 60, "How many photos an hour one connection may send."),
    "export": environment.integer("RATE_EXPORT_PER_HOUR", 60, "How many exports an hour one connection may fetch."),
    "large_export": environment.integer(
        "RATE_LARGE_EXPORT_PER_HOUR", 10, "How many of them may have more rows than EXPORT_ROWS_AT_ONCE."
    ),
}
RATE_FACTOR_CONFIRMED = environment.integer(
    "RATE_FACTOR_CONFIRMED", 10, "People with a confirmed e-mail address may do so many times as much, per account."
)
EMAIL_HOST = environment.text(
    "EMAIL_HOST", "", "SMTP server; when empty, mails are written to the console, in the demo to .local/mail."
)
EMAIL_PORT = environment.integer("EMAIL_PORT", 25, "Port of the SMTP server.")
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "", "User name at the SMTP server.")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "", "Password at the SMTP server.")
EMAIL_USE_TLS = environment.boolean("EMAIL_USE_TLS", False, "Use STARTTLS with the SMTP server.")
EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased' if DEMO else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = environment.text(
    "DEFAULT_FROM_EMAIL", "participation@localhost", "Sender of the platform's mails."
)

# --- Live workshops ---------------------------------------------------------------------------------------------------
LIVE_URL = environment.text(
    "LIVE_URL",
    "",
    "Where the program of live streams is reached, as https://live.example.org; empty: pages of workshops ask each"
    " second.",
).rstrip("/")
LIVE_STREAMS_PER_ADDRESS = environment.integer(
    "LIVE_STREAMS_PER_ADDRESS", 200, "Live streams that one process holds for one connection; a hall shares one."
)
LIVE_STREAMS_PER_WORKSHOP = environment.integer(
    "LIVE_STREAMS_PER_WORKSHOP", 1000, "Live streams that one process holds for one workshop."
)

# --- Languages, time --------------------------------------------------------------------------------------------------
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_CODE = environment.text(
    "DEFAULT_LANGUAGE", "fr", "Language of the import commands, and of a visitor who prefers none: fr or en."
)
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("TIME_ZONE", "Europe/Brussels", "Time zone of the commune.")
LOCALE_PATHS = [BASE_DIR / "geoparticipation" / "locale"]

# --- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "collected-static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "geoparticipation.statics.ProjectFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Files people send and files made for them. Without MEDIA_URL: each is served by a view that checks who may see it.
MEDIA_ROOT = BASE_DIR / environment.text(
    "MEDIA_ROOT", ".local/media", "Folder of the files people send or ask for; a relative one is in the checkout."
)
EXPORT_ROWS_AT_ONCE = environment.integer(
    "EXPORT_ROWS_AT_ONCE",
    10_000,
    "Up to so many contributions, every format is sent at once; beyond, most are prepared in the background.",
)
EXPORT_DAYS = environment.integer("EXPORT_DAYS", 7, "How many days a file prepared in the background is kept.")
STORAGES = {
    "default": {"BACKEND": "geoparticipation.files.PrivateFileStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
REGISTER_UPLOAD_MAX_MB = environment.integer(
    "REGISTER_UPLOAD_MAX_MB", 500, "Largest register (addresses, streets, districts) an agent may upload, in megabytes."
)
REGISTER_FILES_KEPT_DAYS = environment.integer(
    "REGISTER_FILES_KEPT_DAYS",
    30,
    "Days after which the files of uploaded registers are deleted; what was loaded stays.",
)
FLYER_FILES_KEPT_DAYS = environment.integer(
    "FLYER_FILES_KEPT_DAYS",
    14,
    "Days after which files of flyers, which bear codes, are deleted; they can be written again.",
)
# Nothing asks for the names without a hash: pages by {% static %}, modules by the import map, MapLibre by setWorkerUrl.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- Security ---------------------------------------------------------------------------------------------------------
_basemap = urlsplit(BASEMAP_STYLE_URL)
_basemap_host = [f"{_basemap.scheme}://{_basemap.netloc}"] if _basemap.netloc else []
_live = urlsplit(LIVE_URL)
_live_host = [f"{_live.scheme}://{_live.netloc}"] if _live.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_basemap_host],
        "connect-src": [SELF, *_basemap_host, *_live_host],
        "worker-src": [SELF],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
CSRF_FAILURE_VIEW = "geoparticipation.views.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "geoparticipation.json_bodies.BoundedJSONParser",
        "geoparticipation.json_bodies.BoundedGeoJSONParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "geoparticipation.problems.problem_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "geoparticipation",
    "DESCRIPTION": "Everything said has a place: contributions, consultations, places and targets of a commune.",
    "VERSION": "1",
    "OAS_VERSION": "3.0.3",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ContributionKind": "geoparticipation.contributions.enums.Kind",
        "ContributionStatus": "geoparticipation.contributions.enums.Status",
        "PhaseKind": "geoparticipation.consultations.enums.PhaseKind",
        "ConsultationState": "geoparticipation.consultations.enums.ConsultationState",
        "SurveyState": "geoparticipation.surveys.enums.SurveyState",
        "TargetPartKind": "neighbourhoods.enums.PartKind",
        "FeatureType": [("Feature", "Feature")],
        "FeatureCollectionType": [("FeatureCollection", "FeatureCollection")],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "geoparticipation.openapi.describe_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        "procrastinate": {"level": "WARNING"},  # else every command says "Adding tasks"
        "weasyprint": {"level": "ERROR"},  # else every PDF tells its steps, and each rule of print style it leaves out
        "fontTools": {"level": "WARNING"},
        "pyogrio": {"level": "WARNING"},  # else every layer written says "Created 8 records"
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO", "Least level that is logged.")},
}

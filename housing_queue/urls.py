"""Mounts the apps' addresses, the sign-in page and the health checks."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from housing_queue import health
from housing_queue.metrics import metrics
from housing_queue.start import start
from queue_registry.api.nothing import NothingHere
from queue_registry.views import second_factor

handler500 = "housing_queue.outages.answer_to_error"
urlpatterns = [
    path("", RedirectView.as_view(url="/kk/"), name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("language/", include("django.conf.urls.i18n")),
    path(
        "desk/sign-in/",
        auth_views.LoginView.as_view(template_name="registration/sign_in.html"),
        name="sign_in",
    ),
    path("desk/sign-out/", auth_views.LogoutView.as_view(), name="sign_out"),
    path("desk/second-factor/", second_factor.page, name="second_factor"),
    path("desk/second-factor/new/", second_factor.new, name="second_factor_new"),
    path("desk/", start, name="start"),
    path("desk/", include("queue_registry.urls")),
    path("desk/", include("allocation.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("allocation.api_urls")),
    path("open-data/", include("queue_registry.open_data_urls")),
    path("api/v1/", include("queue_registry.api_urls")),
    re_path(r"^api/(?:[\s\S]*/)?$", NothingHere.as_view()),
    *i18n_patterns(
        path("", include("queue_registry.public_urls")),
        path("", include("allocation.public_urls")),
    ),
]

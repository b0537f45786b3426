"""Settings of the floor of cached pages: the project's, without any middleware; one view of fixed bytes."""

from housing_queue.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "housing_queue.benchmarks.floors.urls"

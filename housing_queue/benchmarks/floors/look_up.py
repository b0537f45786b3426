"""Settings of the floor of the place page: the project's, all its middleware; a view with one look-up."""

from housing_queue.settings import *  # noqa: F403

ROOT_URLCONF = "housing_queue.benchmarks.floors.urls"

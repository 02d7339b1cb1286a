"""Work beside the window: lanes of pool threads, jobs, cancellation. Only QtCore is used here."""

from photosearch.jobs.executor import PoolExecutor
from photosearch.jobs.gate import Gate
from photosearch.jobs.job import Job
from photosearch.jobs.runner import Lane, Runner

__all__ = ["Gate", "Job", "Lane", "PoolExecutor", "Runner"]

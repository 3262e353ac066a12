"""What holds for every test, however the tests were started."""

import signal

from hypothesis import HealthCheck, settings

# A loaded machine is slow, which is no fault of what is tested.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# A shell has what it starts in the background ignore interruptions, and so would every
# program that a test starts to interrupt it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

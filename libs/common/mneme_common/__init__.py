"""What every Mneme service shares.

A module is admitted here when two services use it today, when it is a noun (``domain``), a wire shape (``contracts``),
the running of workers (``runtime``), a technology (``adapters``), a measurement (``telemetry``) or a setting
(``settings``), and when it comes with its fake (``testing``) if it touches the world. A business decision is never
admitted.
"""

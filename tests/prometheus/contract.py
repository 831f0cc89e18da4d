"""The metric contract: name -> type and labels, and for each label the values it may have (None: open).

Rules and dashboards are held against it, and so is a live page: tests/prometheus/live/panels_test.py fails when either
side has a metric, a label or a value that the other does not know.
"""

STATES = {
    "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait", "last_ack",
    "listen", "closing",
}
HALF_CLOSED = {"fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing"}
SIDES = {"server", "client"}
COLLECTORS = {"closing", "census", "sockstat", "events", "sysctls", "owners", "processes", "namespaces", "walks"}
FIELDS = {"inuse", "inuse6", "orphan", "tw"}
# ResetReason of records/exact_counts.h, and what is told of those that were received
RESET_REASONS = {
    "no_socket", "no_connection", "timewait_socket", "abort_on_data", "abort_on_close", "abort_on_linger",
    "abort_on_memory", "aborted", "keepalive_timeout", "disconnect_with_data", "bad_segment", "mptcp", "other",
    "not_told", "by_peer",
}
# kReasons of netlink/error.h
REASONS = {
    "no_diag", "kernel_error", "truncated", "malformed", "wrong_sequence", "foreign_sender", "interrupted", "timeout",
    "socket",
}

METRICS = {
    "halfclosed_sockets": (
        "gauge",
        {"port": None, "side": SIDES, "state": STATES,
         "custody": {"process", "accept_queue", "orphan", "timewait", "handshake"}}),
    "halfclosed_sockets_without_detail": ("gauge", {}),
    "halfclosed_transitions_total": (
        "counter",
        {"port": None, "side": SIDES, "from": STATES, "to": STATES, "evidence": {"seen", "implied", "exact"}}),
    "halfclosed_state_duration_seconds": ("histogram", {"port": None, "side": SIDES, "state": STATES}),
    "halfclosed_oldest_socket_age_seconds": ("gauge", {"port": None, "side": SIDES, "state": HALF_CLOSED}),
    "halfclosed_close_wait_leaked_sockets": (
        "gauge",
        {"port": None, "side": SIDES, "cause": {"not_closed", "unread", "not_accepted"}, "owner": None}),
    "halfclosed_fin_wait2_ended_total": (
        "counter", {"port": None, "side": SIDES, "how": {"peer_closed", "expired", "killed", "unknown"}}),
    "halfclosed_close_wait_ended_total": ("counter", {"port": None, "side": SIDES, "how": {"closed", "aborted", "unknown"}}),
    "halfclosed_unconfirmed_ends_total": ("counter", {}),
    "halfclosed_exact": ("gauge", {}),
    "halfclosed_exact_misses_total": ("counter", {}),
    "halfclosed_resets_total": (
        "counter", {"port": None, "side": SIDES, "direction": {"sent", "received"}, "reason": RESET_REASONS}),
    "halfclosed_dead_sockets": ("gauge", {"port": None, "side": SIDES, "owner": None}),
    "halfclosed_leak_oldest_age_seconds": ("gauge", {"owner": None}),
    "halfclosed_owner_descriptors": ("gauge", {"owner": None}),
    "halfclosed_owner_descriptors_limit": ("gauge", {"owner": None}),
    "halfclosed_accept_queue_sockets": ("gauge", {"port": None}),
    "halfclosed_accept_queue_limit_sockets": ("gauge", {"port": None}),
    "halfclosed_accept_queue_fullest_ratio": ("gauge", {"port": None}),
    "halfclosed_unwatched_sockets": ("gauge", {"state": HALF_CLOSED}),
    "halfclosed_network_namespaces": ("gauge", {"status": {"watched", "unreadable", "not_watched"}}),
    "halfclosed_sockstat": ("gauge", {"field": FIELDS | {"alloc", "mem_pages"}}),
    "halfclosed_reconciliation_counted": ("gauge", {"field": FIELDS | {"conservation"}}),
    "halfclosed_reconciliation_expected": ("gauge", {"field": {"conservation"}}),
    "halfclosed_reconciliation_agrees": ("gauge", {"field": FIELDS | {"conservation"}}),
    "halfclosed_kernel_limit": ("gauge", {"limit": {"tcp_max_orphans", "tcp_max_tw_buckets"}}),
    "halfclosed_kernel_fin_timeout_seconds": ("gauge", {}),
    "halfclosed_kernel_events_total": (
        "counter",
        {"event": {"TCPAbortOnData", "TCPAbortOnClose", "TCPAbortOnTimeout", "TCPAbortOnMemory",
                   "TCPTimeWaitOverflow", "TW", "TWKilled", "OutRsts", "EstabResets", "ListenOverflows",
                   "ListenDrops"}}),
    "halfclosed_scenario_runs_total": ("counter", {"scenario": None, "result": {"pass", "fail"}}),
    "halfclosed_scenario_last_run_timestamp_seconds": ("gauge", {"scenario": None}),
    "halfclosed_self_test_interval_seconds": ("gauge", {}),
    "halfclosed_self_test_last_run_timestamp_seconds": ("gauge", {}),
    "halfclosed_cpu_seconds_total": (
        "counter", {"work": {"poll", "census", "owners", "publish", "control", "scrape"}}),
    "halfclosed_collector_allowed": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_collector_success": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_collector_duration_seconds": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_collector_interval_seconds": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_collector_wanted_interval_seconds": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_collector_last_success_timestamp_seconds": ("gauge", {"collector": COLLECTORS}),
    "halfclosed_dump_failures_total": ("counter", {"reason": REASONS}),
    "halfclosed_config_last_reload_successful": ("gauge", {}),
    "halfclosed_config_last_reload_success_timestamp_seconds": ("gauge", {}),
    "halfclosed_history_sockets_total": ("counter", {"result": {"recorded", "left_out"}}),
    "halfclosed_history_write_failures_total": ("counter", {}),
    "halfclosed_history_size_bytes": ("gauge", {}),
    "halfclosed_build_info": ("gauge", {"version": None, "revision": None}),
    "process_cpu_seconds_total": ("counter", {}),
    "process_resident_memory_bytes": ("gauge", {}),
    "process_virtual_memory_bytes": ("gauge", {}),
    "process_open_fds": ("gauge", {}),
    "process_max_fds": ("gauge", {}),
    "process_start_time_seconds": ("gauge", {}),
}

ALERTS = {
    "AcceptQueueFull", "CloseWaitLeak", "CloseWaitLeakGrowing", "DeadSockets", "DescriptorsRunningOut", "FinWait2Expiring", "OrphansNearLimit", "TimeWaitOverflow",
    "HalfclosedBlind", "HalfclosedDown", "ReconciliationMismatch", "HalfclosedSelfTestFailed", "SelfTestMissing",
    "TransitionsNotConserved",
}

# What a page need not have: the first reload, a kernel without IPv6, a namespace in which a sysctl does not exist,
# collectors for optional powers, descriptors while nobody leaks.
MAY_BE_ABSENT = {
    "halfclosed_owner_descriptors", "halfclosed_owner_descriptors_limit",
    # Where programs may not be loaded into the kernel.
    "halfclosed_exact_misses_total", "halfclosed_resets_total", "halfclosed_reconciliation_expected",
    "halfclosed_config_last_reload_successful", "halfclosed_config_last_reload_success_timestamp_seconds",
    # Without --state-dir there is no history.
    "halfclosed_history_sockets_total", "halfclosed_history_write_failures_total", "halfclosed_history_size_bytes",
}


def series_of(name):
    """The metric that a series belongs to: a histogram has three series names."""
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and METRICS.get(base, ("",))[0] == "histogram":
            return base
    return name


def labels_of(name):
    """Labels of a series with their values, those that Prometheus adds to every target included; None if unknown."""
    added = {"job": None, "instance": None}
    if name == "up":
        return added
    if name == "ALERTS":
        return {**added, "alertname": ALERTS, "alertstate": {"pending", "firing"},
                "severity": {"critical", "warning", "info"}, "port": None, "side": SIDES, "cause": None, "owner": None,
                "collector": None, "field": None, "scenario": None}
    metric = series_of(name)
    if metric not in METRICS:
        return None
    kind, labels = METRICS[metric]
    if kind == "histogram" and name.endswith("_bucket"):
        return {**added, **labels, "le": None}
    return {**added, **labels}


def is_counter(name):
    metric = series_of(name)
    return METRICS.get(metric, ("",))[0] in ("counter", "histogram")

#pragma once

#include <optional>
#include <string>

#include "scenarios/definition/scenario.h"

namespace halfclosed::scenarios {

// The words of scenario files. Each returns nothing for text that is not one.

/// "60ms", "2s", "fin_timeout", "fin_timeout + 300ms", "fin_timeout + hold + 10s".
std::optional<RelativeDuration> parse_span(const std::string& text);

/// "fin_wait2": every state in its metric's spelling.
std::optional<TcpState> parse_state(const std::string& text);

/// "server", "client".
std::optional<Side> parse_side(const std::string& text);

/// "seen": false; "seen or implied": true.
std::optional<bool> parse_evidence(const std::string& text);

/// "accept", "read = 26", "write = -1 EPIPE".
std::optional<ExpectedCall> parse_call_text(const std::string& text);

/// "client write"; "client write 2" is the second.
std::optional<CallReference> parse_call_reference(const std::string& text);

/// "SIGINT", "exit 0"; "runs on" is no exit.
std::optional<std::optional<Exit>> parse_exit(const std::string& text);

/// "orphan": every custody in its metric's spelling.
std::optional<tracking::Custody> parse_custody(const std::string& text);

/// "peer_closed", "expired", "killed": itself.
std::optional<std::string> parse_fin_wait2_end(const std::string& text);

/// "late-close": itself. It is printed, and a metric's label.
std::optional<std::string> parse_name(const std::string& text);

/// Whether it is one of kTcpEvents, TW and TWKilled aside: those are judged as minisocks.
bool is_judged_event(const std::string& text);

/// "net.ipv4.tcp_orphan_retries": the lab writes under net.ipv4 only.
bool is_sysctl_name(const std::string& text);

}  // namespace halfclosed::scenarios

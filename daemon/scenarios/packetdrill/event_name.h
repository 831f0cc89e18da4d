#pragma once

#include <string>

#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios::packetdrill {

/// "FIN ACK", "RST", "ACK with data".
std::string segment_name(const Segment& segment);

/// "FIN ACK at RCV.NXT"; `place` as ConnectionModel::place() tells it.
std::string segment_event(const Segment& segment, const std::string& place);

/// "close()", "shutdown(SHUT_WR)".
std::string call_event(const Call& call);

/// As a script writes it, for a verdict: "> F. 1:1(0) ack 1".
std::string sent_text(const Segment& segment);

}  // namespace halfclosed::scenarios::packetdrill

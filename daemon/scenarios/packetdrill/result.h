#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records/instant.h"
#include "scenarios/packetdrill/seen.h"

namespace halfclosed::scenarios::packetdrill {

enum class Outcome : std::uint8_t { passed, failed, not_supported };

/// "passed", "failed", "not supported".
const char* name(Outcome outcome);

/// Something that happened to the connection, and what came of it until the next.
struct Step {
    std::size_t line = 0;
    std::string event;  ///< "close()", "RST at RCV.NXT"
    Seen before;        ///< as read from the kernel, as `after` is
    Seen after;
    std::vector<std::string> answers;  ///< flags of the segments that the kernel sent: "FIN ACK"
    bool judged = false;               ///< whether the script says what `after` must be
    bool passed = true;

    bool operator==(const Step&) const = default;
};

/// What playing a script has shown.
struct Result {
    std::string file;
    Outcome outcome = Outcome::passed;
    std::size_t line = 0;  ///< of what failed or is not supported; 0: of none
    std::string why;       ///< "expected > F. 1:1(0) ack 1, got > R. …"
    std::vector<Step> steps;
    std::vector<std::string> notes;  ///< what was not judged, and why
    Duration took{0};

    bool operator==(const Result&) const = default;
};

/// "line 12: expected …"; empty when it passed.
std::string reason(const Result& result);

/// Of how many steps the state that was read was compared with what the script says.
std::size_t judged(const Result& result);

}  // namespace halfclosed::scenarios::packetdrill

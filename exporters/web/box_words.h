#pragma once

#include <cstdint>
#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

// What the drawing of the state machine says in words. How wide they are only a browser knows, where live.js measures;
// this is what stands there before.

/// Units of the drawing that a text takes, by a wide font.
int width_of(const std::string& text);

/// "9999", "131k", "12M".
std::string short_number(std::uint64_t count);

/// Who has the sockets of a state: "40 held, 4 queued", or "1100 held, 130k other" where all of them are too wide.
std::string custody_text(const Snapshot& snapshot, TcpState state, int room);

struct Times {
    std::string oldest;
    std::string left;  ///< of FIN-WAIT-2: at most
};

/// "oldest 2h14m" and "≤ 48s left".
Times times_text(const Snapshot& snapshot, TcpState state);

}  // namespace halfclosed::exporters

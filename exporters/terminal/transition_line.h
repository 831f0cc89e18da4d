#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"
#include "text/terminal.h"
#include "tracking/transition.h"

namespace halfclosed::exporters {

/// One transition as a line without a newline, 80 columns for IPv4: local time, both ends, the edge, and how long the
/// state before was held. The arrow of the edge is "→" if it was seen and "⇢" if it is implied. Where that is wider than
/// the style's width: the edge first, then the ends, the local one as its port; what is still too wide is cut.
std::string transition_text(const tracking::Transition& transition, WallTime time,
                            const text::TerminalStyle& style = {});

/// The schema `halfclosed.transition/1` on one line without a newline. time is RFC 3339 in UTC,
/// cookie as in snapshot_json(), held_seconds null if it is not known.
std::string transition_json(const tracking::Transition& transition, WallTime time);

/// A socket that is gone from a state, and nothing tells which way: `transition` leads to CLOSE, and its evidence means
/// nothing. As a line, with "?" for what it came to, and as the schema `halfclosed.ending/1`.
std::string ending_text(const tracking::Transition& transition, WallTime time,
                        const text::TerminalStyle& style = {});
std::string ending_json(const tracking::Transition& transition, WallTime time);

/// What `watch` tells of a socket.
struct ToldTransition {
    tracking::Transition transition;
    WallTime time;
    bool how_is_known = true;  ///< else the socket is gone, and nothing tells which way
};
std::string told_text(const ToldTransition& told, const text::TerminalStyle& style = {});
std::string told_json(const ToldTransition& told);

}  // namespace halfclosed::exporters

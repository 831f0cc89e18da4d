#include "commands/filter_flags.h"

#include "cli/flags.h"

namespace halfclosed {

void add_filter_flags(CLI::App& command, exporters::SocketFilter& filter) {
    add_values(command, "--state", filter.states, exporters::parse_half_closed_state, "STATE",
               "all half-closed ones",
               "Only sockets in this state, close_wait or CLOSE-WAIT; close has the dead ones; "
               "repeatable");
    add_values(
        command, "--cause", filter.causes, exporters::parse_cause, "CAUSE", "any",
        "Only CLOSE-WAIT sockets with this cause: not_accepted, unread, not_closed or sending; "
        "repeatable");
    add_values(
        command, "--owner", filter.owners, [](const std::string& text) { return text; }, "OWNER",
        "any", "Only sockets of this owner, by the name that snapshot gives it; repeatable");
    add_duration(command, "--older-than", filter.older_than, "0s",
                 "Only sockets that have, or may have, been in their state for longer");
}

void add_leak_after(CLI::App& command, std::chrono::nanoseconds& leak_after) {
    add_duration(command, "--leak-after", leak_after, "60s",
                 "A socket in CLOSE-WAIT for longer than this has leaked");
}

}  // namespace halfclosed

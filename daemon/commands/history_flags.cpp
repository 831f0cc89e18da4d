#include "commands/history_flags.h"

#include <chrono>
#include <cstdlib>

#include "text/moment.h"

namespace halfclosed {

void add_state_directory(CLI::App& command, std::string& directory) {
    const char* const given = std::getenv("STATE_DIRECTORY");
    directory = given != nullptr ? given : kStateDirectory;
    add_value(
        command, "--state-dir", directory, [](const std::string& text) { return text; }, "DIR",
        directory, "Read the history that `halfclosed serve` keeps in this directory");
}

WallTime parse_past(const std::string& text) {
    return text::parse_moment(text, std::chrono::system_clock::now());
}

}  // namespace halfclosed

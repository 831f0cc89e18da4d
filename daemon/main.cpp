#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/flags.h"
#include "cli/logging.h"
#include "commands/commands.h"
#include "posix/heap.h"
#include "posix/output_file.h"
#include "posix/standard_streams.h"
#include "text/utf8.h"

namespace {

/// What it names may be from outside: a file, a peer's answer.
void tell(const std::exception& error) {
    std::fprintf(stderr, "halfclosed: %s\n",
                 halfclosed::text::printable_lines(error.what()).c_str());
}

/// A result that did not reach its reader is no success. Whoever closed the pipe, as head(1) does, has seen enough and
/// is told nothing.
bool results_are_out() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
        return true;
    }
    if (halfclosed::posix::has_reader(STDOUT_FILENO)) {
        std::fprintf(stderr, "halfclosed: standard output: %s\n", std::strerror(errno));
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    halfclosed::posix::keep_standard_streams_taken();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(
        SIGCHLD,
        SIG_DFL);  // who ignores it, as a parent of ours may, cannot wait for a child: wait(2)
    halfclosed::posix::keep_heap_small();
    halfclosed::CommandLine command_line(
        std::vector<std::string>(argv + 1, argv + argc),
        halfclosed::all_commands(std::make_shared<halfclosed::ServeOptions>()));
    try {
        if (const auto status = command_line.parse()) {
            return *status;
        }
        halfclosed::start_logging(command_line.common());
        const int status = command_line.chosen()();
        return results_are_out() ? status : 1;
    } catch (const halfclosed::UsageError& error) {
        tell(error);
        return 2;
    } catch (const halfclosed::posix::ReaderGoneError&) {
        return 1;
    } catch (const std::exception& error) {
        tell(error);
        return 1;
    }
}

#include <malloc.h>

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "daemon/command_line.h"
#include "daemon/logging.h"
#include "daemon/standard_streams.h"

namespace {

/// One line on standard error for whatever is wrong with the command line, the environment or the file.
int explain(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
        return app.exit(error);  // --help and --version
    }
    std::fprintf(stderr, "halfclosed: %s\n", error.what());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    halfclosed::keep_standard_streams_taken();
    std::signal(SIGPIPE, SIG_IGN);
    // A census makes tables of megabytes and frees them. glibc learns from the first such free to keep
    // the next ones (mallopt(3), the dynamic threshold), and a small daemon would stay a large one.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    halfclosed::CommandLine command_line(std::vector<std::string>(argv + 1, argv + argc));
    try {
        command_line.parse();
        halfclosed::start_logging(command_line.common());
        return command_line.chosen()();
    } catch (const CLI::ParseError& error) {
        return explain(command_line.app(), error);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "halfclosed: %s\n", error.what());
        return 1;
    }
}

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "daemon/command_line.h"
#include "daemon/logging.h"

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
    std::signal(SIGPIPE, SIG_IGN);
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

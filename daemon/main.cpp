#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "daemon/command.h"
#include "daemon/flags.h"
#include "daemon/logging.h"
#include "daemon/version.h"

namespace {

using namespace halfclosed;

CommonOptions::Color parse_color(const std::string& text) {
    if (text == "auto") {
        return CommonOptions::Color::automatic;
    }
    if (text == "always") {
        return CommonOptions::Color::always;
    }
    if (text == "never") {
        return CommonOptions::Color::never;
    }
    throw std::invalid_argument("'" + text + "' is not one of auto, always, never");
}

void add_common_flags(CLI::App& app, CommonOptions& common) {
    add_values(app, "--port", common.ports, parse_port_range, "P[-Q]", "9999",
               "Watch this port, or the ports of a range; repeatable");
    add_value(app, "--log-level", common.log_level, parse_log_level, "LEVEL", common.log_level,
              "trace, debug, info, warn, error or off");
    add_value(app, "--log-format", common.log_format, parse_log_format, "FORMAT", "auto",
              "text, json or journal; auto is the journal under systemd, else text");
    add_value(app, "--color", common.color, parse_color, "WHEN", "auto",
              "auto, always or never; NO_COLOR is respected");
    app.set_config("--config", "", "Read options from this TOML file; a command's own are in a [section] of its name")
        ->envname("HALFCLOSED_CONFIG")
        ->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

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
    CLI::App app("Watches the half-closed half of TCP: which service leaks, since when and why");
    CommonOptions common;
    Run chosen;
    app.name("halfclosed");
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", version_text());
    add_common_flags(app, common);
    add_serve(app, common, chosen);
    add_snapshot(app, common, chosen);
    add_watch(app, common, chosen);
    add_record(app, common, chosen);
    add_replay(app, common, chosen);
    add_check(app, common, chosen);
    add_scenario(app, common, chosen);
    try {
        app.parse(argc, argv);
        start_logging(common);
        return chosen();
    } catch (const CLI::ParseError& error) {
        return explain(app, error);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "halfclosed: %s\n", error.what());
        return 1;
    }
}

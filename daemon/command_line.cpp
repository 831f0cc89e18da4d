#include "daemon/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "daemon/flags.h"
#include "daemon/logging.h"
#include "daemon/version.h"

namespace halfclosed {

namespace {

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

}  // namespace

CommandLine::CommandLine(std::vector<std::string> arguments)
    : app_(std::make_unique<CLI::App>(
          "Watches the half-closed half of TCP: which service leaks, since when and why")) {
    common_.arguments = std::move(arguments);
    app_->name("halfclosed");
    app_->require_subcommand(1);
    app_->fallthrough();
    app_->set_version_flag("--version", version_text());
    add_common_flags(*app_, common_);
    add_serve(*app_, common_, serve_, chosen_);
    add_snapshot(*app_, common_, chosen_);
    add_watch(*app_, common_, chosen_);
    add_record(*app_, common_, chosen_);
    add_replay(*app_, common_, chosen_);
    add_check(*app_, common_, chosen_);
    add_scenario(*app_, common_, chosen_);
}

CommandLine::~CommandLine() = default;

void CommandLine::parse() {
    std::vector<std::string> last_first(common_.arguments.rbegin(), common_.arguments.rend());
    app_->parse(std::move(last_first));
}

}  // namespace halfclosed

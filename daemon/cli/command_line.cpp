#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <istream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "cli/flags.h"
#include "cli/logging.h"
#include "cli/version.h"

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
               "Watch this port or service, the ports of a range, or all; repeatable");
    add_value(app, "--log-level", common.log_level, parse_log_level, "LEVEL", common.log_level,
              "trace, debug, info, warn, error or off");
    add_value(app, "--log-format", common.log_format, parse_log_format, "FORMAT", "auto",
              "text, json or journal; auto is the journal under systemd, else text");
    add_value(app, "--color", common.color, parse_color, "WHEN", "auto",
              "auto, always or never; NO_COLOR is respected");
    app.set_config(
           "--config", "",
           "Read options from this TOML file; a command's own are in a [section] of its name")
        ->envname("HALFCLOSED_CONFIG")
        ->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

/// A flag goes before its environment variable, and that before the file. CLI11 asks the file first, so what the
/// environment says is taken out of it.
class EnvironmentFirst : public CLI::ConfigTOML {
 public:
    std::vector<CLI::ConfigItem> from_config(std::istream& file) const override {
        std::vector<CLI::ConfigItem> entries = CLI::ConfigTOML::from_config(file);
        std::erase_if(entries, [](const CLI::ConfigItem& item) {
            const bool begins_or_ends_a_section = item.name == "++" || item.name == "--";
            return !begins_or_ends_a_section &&
                   std::getenv(environment_name(item.name).c_str()) != nullptr;
        });
        return entries;
    }
};

/// CLI11 says "INI was not able to parse KEY", whatever the file's format.
std::string what_is_wrong(const CLI::ConfigError& error) {
    constexpr std::string_view kUnknown = "INI was not able to parse ";
    const std::string_view text = error.what();
    if (!text.starts_with(kUnknown)) {
        return error.what();
    }
    return "unknown key '" + std::string(text.substr(kUnknown.size())) + "'";
}

/// A word that is no command is not known to CLI11 as a mistake of its own.
std::string what_is_missing(const std::vector<std::string>& arguments,
                            const CLI::RequiredError& error) {
    const bool no_command = std::string_view(error.what()).starts_with("A subcommand");
    if (!no_command) {
        return error.what();
    }
    if (!arguments.empty() && arguments.back().front() != '-') {
        return "'" + arguments.back() + "' is not a command; 'halfclosed --help' lists them";
    }
    return "a command is needed; 'halfclosed --help' lists them";
}

}  // namespace

CommandLine::CommandLine(std::vector<std::string> arguments,
                         const std::vector<AddCommand>& commands)
    : app_(std::make_unique<CLI::App>(
          "Watches the half-closed half of TCP: which service leaks, since when and why")) {
    common_.arguments = std::move(arguments);
    app_->name("halfclosed");
    app_->config_formatter(std::make_shared<EnvironmentFirst>());
    app_->require_subcommand(1);
    app_->fallthrough();
    app_->set_version_flag("--version", version_text());
    add_common_flags(*app_, common_);
    for (const AddCommand& add : commands) {
        add(*app_, common_, chosen_);
    }
}

CommandLine::~CommandLine() = default;

std::optional<int> CommandLine::parse() {
    std::vector<std::string> last_first(common_.arguments.rbegin(), common_.arguments.rend());
    try {
        app_->parse(std::move(last_first));
        common_.ports_given = app_->get_option("--port")->count() > 0;
    } catch (const CLI::ConfigError& error) {
        const std::string file = app_->get_config_ptr()->as<std::string>();
        throw UsageError(file + ": " + what_is_wrong(error));
    } catch (const CLI::RequiredError& error) {
        throw UsageError(what_is_missing(common_.arguments, error));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            return app_->exit(error);
        }
        throw UsageError(error.what());
    }
    return std::nullopt;
}

}  // namespace halfclosed

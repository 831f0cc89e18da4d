#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/help_formatter.h"
#include "cli/known_names.h"
#include "cli/logging.h"
#include "cli/version.h"
#include "text/nearest.h"

namespace halfclosed {

namespace {

void add_common_flags(CLI::App& app, CommonOptions& common) {
    add_values(app, "--port", common.ports, parse_port_range, "P[-Q]", "9999",
               "Watch this port or service, the ports of a range, or all; repeatable");
    add_value(app, "--namespaces", common.all_namespaces, parse_namespaces, "WHICH", "own",
              "own, or all: every network namespace of the host (serve, snapshot, watch, report, "
              "check); of the past (history, --at, --since, --from) all that were watched, or own");
    add_value(app, "--log-level", common.log_level, parse_log_level, "LEVEL", common.log_level,
              "trace, debug, info, warn, error or off");
    add_value(app, "--log-format", common.log_format, parse_log_format, "FORMAT", "auto",
              "text, json or journal; auto is the journal under systemd, else text");
    add_value(app, "--color", common.color, parse_color, "WHEN", "auto",
              "auto, always or never; NO_COLOR is respected");
    // CLI11 looks at environment variables only once it has read the file. One that somebody named must be there.
    const char* const named = std::getenv("HALFCLOSED_CONFIG");
    const std::string file = named == nullptr ? "" : named;
    app.set_config(
           "--config", file,
           "Read options from this TOML file; a command's own are in a [section] of its name",
           !file.empty())
        ->envname("HALFCLOSED_CONFIG")
        ->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

/// Of the commands that were named, the last.
const CLI::App& deepest(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty()) {
        at = at->get_subcommands().front();
    }
    return *at;
}

std::string with_help(const CLI::App& app) {
    std::string name = app.get_name();
    for (const CLI::App* above = app.get_parent(); above != nullptr; above = above->get_parent()) {
        name.insert(0, above->get_name() + " ");
    }
    return "'" + name + " --help' lists them";
}

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
        for (const std::string& name : flag_names(*app, false)) {
            flags.push_back("--" + name);
        }
    }
    return flags;
}

/// Names what CLI11 could not place, or says that there is nothing.
std::string what_is_wrong(const CLI::App& app) {
    const std::vector<std::string> left = app.remaining(true);
    const CLI::App& command = deepest(app);
    if (left.empty()) {
        return "a command is needed; " + with_help(command);
    }
    const std::string& word = left.front();
    if (word.size() > 1 && word.front() == '-') {
        const std::string flag = word.substr(0, word.find('='));
        const std::vector<std::string> known = flags_of(command);
        if (std::find(known.begin(), known.end(), flag) != known.end()) {
            return "'" + flag + "' goes behind '" + command.get_name() + "'";
        }
        return "unknown flag '" + flag + "'" + text::did_you_mean(flag, known);
    }
    if (!commands_of(command).empty()) {
        return "'" + word + "' is not a command; " + with_help(command) +
               text::did_you_mean(word, command_names(command));
    }
    return "unexpected argument '" + word + "'";
}

/// CLI11's "--flag: At Most 1 required but received 2", in words.
std::string twice(const std::string& complaint) {
    const std::size_t at = complaint.find(": At Most 1 required");
    return at == std::string::npos ? complaint
                                   : complaint.substr(0, at) + ": is given more than once";
}

/// A value may prove wrong only when the command is chosen, as the name of a file that cannot be read: "--flag: what"
/// then says where in the configuration file it stands, if it is from there.
std::string with_place(const std::string& complaint, const ConfigFile& file) {
    const std::size_t colon = complaint.find(": ");
    const std::string place =
        colon == std::string::npos ? "" : file.place_of(complaint.substr(0, colon));
    return place.empty() ? complaint : place + complaint.substr(colon);
}

/// CLI11 takes the next argument for the value of "--flag=".
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments) {
    std::vector<std::string> result;
    bool flags = true;
    for (const std::string& argument : arguments) {
        flags = flags && argument != "--";
        if (flags && argument.size() > 3 && argument.starts_with("--") && argument.ends_with('=') &&
            argument.find('=') + 1 == argument.size()) {
            result.push_back(argument.substr(0, argument.size() - 1));
            result.emplace_back();
        } else {
            result.push_back(argument);
        }
    }
    return result;
}

/// "help COMMAND" as "COMMAND --help".
std::vector<std::string> with_help_flag(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    return arguments;
}

}  // namespace

CommandLine::CommandLine(std::vector<std::string> arguments,
                         const std::vector<AddCommand>& commands)
    : app_(std::make_unique<CLI::App>(
          "Watches half-closed TCP connections: which service leaks them, since when and why")),
      file_(std::make_shared<ConfigFile>(*app_)) {
    common_.arguments = std::move(arguments);
    app_->name("halfclosed");
    app_->config_formatter(file_);
    app_->formatter(std::make_shared<HelpFormatter>());
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
    std::vector<std::string> arguments = with_empty_values(with_help_flag(common_.arguments));
    std::reverse(arguments.begin(), arguments.end());
    try {
        app_->parse(std::move(arguments));
        common_.ports_given = app_->get_option("--port")->count() > 0;
        common_.namespaces_given = app_->get_option("--namespaces")->count() > 0;
    } catch (const CLI::ExtrasError&) {
        throw UsageError(what_is_wrong(*app_));
    } catch (const CLI::RequiredError& error) {
        const bool no_command = std::string_view(error.what()).starts_with("A subcommand");
        throw UsageError(no_command ? what_is_wrong(*app_) : error.what());
    } catch (const CLI::FileError&) {
        throw UsageError("--config", "'" + app_->get_config_ptr()->as<std::string>() +
                                         "' cannot be read (is it there?)");
    } catch (const CLI::ArgumentMismatch& error) {
        throw UsageError(twice(error.what()));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            if (!app_->remaining(true).empty()) {
                throw UsageError(what_is_wrong(*app_));  // "swerve --help"
            }
            return app_->exit(error);
        }
        throw UsageError(error.what());
    } catch (const UsageError& error) {
        throw UsageError(with_place(error.what(), *file_));
    }
    return std::nullopt;
}

}  // namespace halfclosed

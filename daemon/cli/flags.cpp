#include "cli/flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

#include "cli/options.h"
#include "text/time.h"

namespace halfclosed {

namespace {

/// Reads each text, and has CLI11 name the option if one is wrong.
auto reading(const std::string& flag, ReadText read) {
    return [flag, read = std::move(read)](const std::vector<std::string>& texts) {
        try {
            for (const std::string& text : texts) {
                read(text);
            }
        } catch (const std::invalid_argument& error) {
            const std::size_t long_name = flag.rfind("--");  // of "-o,--output"
            throw CLI::ValidationError(
                long_name == std::string::npos ? flag : flag.substr(long_name), error.what());
        }
    };
}

/// Nothing has an empty name; what is not there is left out.
std::string not_empty(const std::string& text) {
    return text.empty() ? "is empty" : "";
}

}  // namespace

void refuse_watching(const CommonOptions& common, const std::string& why) {
    refuse_namespaces(common, why);
    if (common.on_command_line("--port")) {
        throw UsageError("--port", "not of this command: " + why);
    }
}

void refuse_namespaces(const CommonOptions& common, const std::string& why) {
    if (common.on_command_line("--namespaces")) {
        throw UsageError("--namespaces", "not of this command: " + why);
    }
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& help) {
    return *parent.add_subcommand(name, help);
}

void on_alone(CLI::App& command, std::function<void(const std::string& help)> action) {
    command.require_subcommand(0, 1);
    command.callback([&command, action = std::move(action)] {
        if (command.get_subcommands().empty()) {
            action(command.help(command.get_parent()->get_name()));
        }
    });
}

void on_chosen(CLI::App& command, std::function<void()> action) {
    command.callback(std::move(action));
}

CLI::Option* add_switch(CLI::App& command, const std::string& flag, bool& target,
                        const std::string& help) {
    return command.add_flag(flag, target, help);
}

void add_argument(CLI::App& command, const std::string& name, std::string& target,
                  const std::string& help) {
    command.add_option(name, target, help)->required()->check(not_empty);
}

void add_arguments(CLI::App& command, const std::string& name, std::vector<std::string>& target,
                   const std::string& help) {
    command.add_option(name, target, help)->required()->check(not_empty);
}

CLI::Option* add_each(CLI::App& command, const std::string& flag, ReadText read,
                      const std::string& type, const std::string& help) {
    CLI::Option* const option = command.add_option_function<std::vector<std::string>>(
        flag, reading(flag, std::move(read)), help);
    if (flag.starts_with('-')) {
        option->take_all()->allow_extra_args(false);
    }
    return option->type_name(type);
}

CLI::Option* add_list(CLI::App& command, const std::string& flag, ReadText read,
                      const std::string& type, const std::string& help) {
    return add_each(command, flag, std::move(read), type, help)->allow_extra_args(true);
}

CLI::Option* add_text(CLI::App& command, const std::string& flag, std::string& target,
                      const std::string& type, const std::string& help) {
    return command.add_option(flag, target, help)->type_name(type)->check(not_empty);
}

void exclude(CLI::App& command, CLI::Option* option, const std::string& other) {
    option->excludes(command.get_option(other));
}

void require(CLI::Option* option, CLI::Option* other) {
    option->needs(other);
}

std::string environment_name(const std::string& flag) {
    std::string name = "HALFCLOSED_" + flag.substr(flag.rfind("--") + 2);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    });
    return name;
}

CLI::Option* add_value_text(CLI::App& command, const std::string& flag, ReadText read,
                            const std::string& type, const std::string& default_text,
                            const std::string& help) {
    return command
        .add_option_function<std::string>(
            flag,
            [each = reading(flag, std::move(read))](const std::string& text) { each({text}); },
            help)
        ->type_name(type)
        ->default_str(default_text)
        ->envname(environment_name(flag));
}

CLI::Option* add_value_texts(CLI::App& command, const std::string& flag,
                             std::function<void()> clear, ReadText read, const std::string& type,
                             const std::string& default_text, const std::string& help) {
    return command
        .add_option_function<std::vector<std::string>>(
            flag,
            [clear = std::move(clear),
             each = reading(flag, std::move(read))](const std::vector<std::string>& texts) {
                clear();
                each(texts);
            },
            help)
        ->type_name(type)
        ->default_str(default_text)
        ->delimiter(',')
        ->take_all()
        ->allow_extra_args(false)
        ->envname(environment_name(flag));
}

CLI::Option* add_duration(CLI::App& command, const std::string& flag,
                          std::chrono::nanoseconds& target, const std::string& default_text,
                          const std::string& help) {
    target = text::parse_duration(default_text);
    return add_value(command, flag, target, text::parse_duration, "DURATION", default_text, help);
}

}  // namespace halfclosed

#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace halfclosed {

// What can be written on the command line and in the file, for looking up and for suggestions.

inline std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

inline std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* const command : commands_of(app)) {
        names.push_back(command->get_name());
    }
    return names;
}

/// Without the dashes; those that the file may have, or all.
inline std::vector<std::string> flag_names(const CLI::App& app, bool configurable) {
    std::vector<std::string> names;
    for (const CLI::Option* const option : app.get_options()) {
        if (!configurable || option->get_configurable()) {
            names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
        }
    }
    return names;
}

/// Keys and sections that a table of the file may have.
inline std::vector<std::string> keys_of(const CLI::App& app) {
    std::vector<std::string> keys = flag_names(app, true);
    for (const std::string& name : command_names(app)) {
        keys.push_back(name);
    }
    return keys;
}

}  // namespace halfclosed

#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/options.h"
#include "text/time.h"

namespace halfclosed {

// How options are declared, so that each is a flag, an environment variable and a key of the configuration file with
// one name: --census-interval, HALFCLOSED_CENSUS_INTERVAL, census-interval.

inline std::string environment_name(const std::string& flag) {
    std::string name = "HALFCLOSED_" + flag.substr(flag.find_first_not_of('-'));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    });
    return name;
}

/// Turns a parser that throws std::invalid_argument into CLI11's kind of check.
template <typename Parse>
CLI::Validator checked_by(Parse parse, const std::string& type) {
    return {[parse](std::string& text) -> std::string {
                try {
                    parse(text);
                } catch (const std::invalid_argument& error) {
                    return error.what();
                }
                return {};
            },
            type};
}

/// One value, parsed by `parse` from its text. `target` keeps what it holds as the default.
template <typename Value, typename Parse>
CLI::Option* add_value(CLI::App& app, const std::string& flag, Value& target, Parse parse,
                       const std::string& type, const std::string& default_text,
                       const std::string& help) {
    return app
        .add_option_function<std::string>(
            flag, [&target, parse](const std::string& text) { target = parse(text); }, help)
        ->check(checked_by(parse, ""))
        ->type_name(type)
        ->default_str(default_text)
        ->envname(environment_name(flag));
}

/// Several values: the flag repeated, or one text with commas. They replace the default.
template <typename Value, typename Parse>
CLI::Option* add_values(CLI::App& app, const std::string& flag, std::vector<Value>& target,
                        Parse parse, const std::string& type, const std::string& default_text,
                        const std::string& help) {
    return app
        .add_option_function<std::vector<std::string>>(
            flag,
            [&target, parse](const std::vector<std::string>& texts) {
                target.clear();
                for (const std::string& text : texts) {
                    target.push_back(parse(text));
                }
            },
            help)
        ->check(checked_by(parse, ""))
        ->type_name(type)
        ->default_str(default_text)
        ->delimiter(',')
        ->take_all()
        ->allow_extra_args(false)
        ->envname(environment_name(flag));
}

inline CLI::Option* add_duration(CLI::App& app, const std::string& flag,
                                 std::chrono::nanoseconds& target, const std::string& default_text,
                                 const std::string& help) {
    target = text::parse_duration(default_text);
    return add_value(app, flag, target, text::parse_duration, "DURATION", default_text, help);
}

}  // namespace halfclosed

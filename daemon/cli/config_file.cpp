#include "cli/config_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <istream>
#include <iterator>
#include <optional>

#include "cli/known_names.h"
#include "text/nearest.h"
#include "text/toml_text.h"

namespace halfclosed {

namespace {

using text::TomlValue;
using Kind = text::TomlValue::Kind;

bool is_set(const std::string& variable) {
    const char* const text = variable.empty() ? nullptr : std::getenv(variable.c_str());
    return text != nullptr && *text != '\0';  // an empty one is none, as for CLI11
}

bool takes_number(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    return type == "SHARE" || type == "N" || type == "NUMBER" || type.starts_with("P[");
}

CLI::Option* find_flag(CLI::App& command, const std::string& key) {
    for (CLI::Option* const option : command.get_options()) {
        if (option->get_configurable() && option->check_lname(key)) {
            return option;
        }
    }
    return nullptr;
}

CLI::App* find_command(CLI::App& command, const std::string& name) {
    for (CLI::App* const each : command.get_subcommands([](CLI::App*) { return true; })) {
        if (each->get_name() == name) {
            return each;
        }
    }
    return nullptr;
}

/// One walk over a file's tables.
class Reader {
 public:
    Reader(std::string file, std::map<std::string, std::string>& places)
        : file_(std::move(file)), places_(places) {}

    void read(const TomlValue& table, CLI::App& command, const std::vector<std::string>& parents) {
        for (const auto& [key, value] : table.members) {
            CLI::App* const section = find_command(command, key);
            if (section != nullptr) {
                if (!value.is(Kind::table)) {
                    fail(value, "'" + joined(parents, key) + "' must be a [section]");
                }
                std::vector<std::string> path = parents;
                path.push_back(key);
                read(value, *section, path);
                continue;
            }
            CLI::Option* const flag = find_flag(command, key);
            if (flag == nullptr) {
                fail(value, "unknown key '" + joined(parents, key) + "'" +
                                text::did_you_mean(key, keys_of(command)));
            }
            take(value, *flag, key, parents);
        }
    }

    std::vector<CLI::ConfigItem> items;

 private:
    void take(const TomlValue& value, CLI::Option& flag, const std::string& key,
              const std::vector<std::string>& parents) {
        const std::string name = joined(parents, key);
        std::vector<std::string> texts = texts_of(value, flag, name);
        // CLI11 leaves alone what the command line gave, and would ask the file before the environment.
        if (!flag.empty() || is_set(flag.get_envname())) {
            return;
        }
        const std::string here = place(value) + ": '" + name + "'";
        places_[key] = here;
        if (flag.get_items_expected_max() == 0) {
            items.push_back({parents, key, std::move(texts)});
            return;
        }
        // As CLI11 would, but while the place is known: other commands may have a flag of the same name.
        try {
            flag.add_result(std::move(texts));
            flag.run_callback();
        } catch (const CLI::ParseError& error) {
            const std::string text = error.what();
            const std::size_t colon = text.find(": ");
            throw CLI::ConfigError(here +
                                   (colon == std::string::npos ? ": " + text : text.substr(colon)));
        }
    }

    std::vector<std::string> texts_of(const TomlValue& value, const CLI::Option& flag,
                                      const std::string& name) const {
        if (!value.is(Kind::list)) {
            return {text_of(value, flag, name)};
        }
        if (flag.get_items_expected_max() < 2) {
            fail(value, "'" + name + "' takes one value, not a list");
        }
        std::vector<std::string> texts;
        for (const TomlValue& item : value.items) {
            texts.push_back(text_of(item, flag, name));
        }
        if (texts.empty()) {
            fail(value, "'" + name + "': the list is empty");
        }
        return texts;
    }

    std::string text_of(const TomlValue& value, const CLI::Option& flag,
                        const std::string& name) const {
        if (flag.get_items_expected_max() == 0) {
            if (!value.is(Kind::boolean)) {
                fail(value, "'" + name + "' must be true or false");
            }
            return value.boolean ? "true" : "false";
        }
        if (value.is(Kind::text)) {
            return value.text;
        }
        if (takes_number(flag)) {
            if (value.is(Kind::integer)) {
                return std::to_string(value.integer);
            }
            if (value.is(Kind::number)) {
                std::array<char, 32> digits{};
                const auto [end, error] =
                    std::to_chars(digits.data(), digits.data() + digits.size(), value.number);
                return {digits.data(), end};
            }
        }
        fail(value, "'" + name + "' must be text" + (takes_number(flag) ? " or a number" : ""));
    }

    static std::string joined(const std::vector<std::string>& parents, const std::string& key) {
        std::string name;
        for (const std::string& parent : parents) {
            name += parent + ".";
        }
        return name + key;
    }

    std::string place(const TomlValue& value) const {
        return file_ + ":" + std::to_string(value.line);
    }

    [[noreturn]] void fail(const TomlValue& at, const std::string& what) const {
        throw CLI::ConfigError(place(at) + ": " + what);
    }

    std::string file_;
    std::map<std::string, std::string>& places_;
};

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& stream) const {
    const std::string file = app_.get_config_ptr()->as<std::string>();
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    try {
        Reader reader(file, places_);
        reader.read(text::parse_toml(text, file), app_, {});
        return reader.items;
    } catch (const text::TomlError& error) {
        throw CLI::ConfigError(error.what());
    }
}

std::string ConfigFile::place_of(const std::string& flag) const {
    const auto place =
        places_.find(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
    return place == places_.end() ? "" : place->second;
}

}  // namespace halfclosed

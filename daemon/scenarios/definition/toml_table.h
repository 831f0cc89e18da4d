#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <toml.hpp>
#include <utility>
#include <vector>

#include "scenarios/definition/scenario_file.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

/// One table of a TOML file. It knows which of its keys were read, so that one nobody asked for is
/// found.
class Table {
 private:
    [[noreturn]] void fail(const toml::value& at, const std::string& what) const {
        throw ScenarioFileError(file_ + ":" + std::to_string(at.location().line()) + ": " + what);
    }

    const toml::value* find(const std::string& key) {
        if (!value_.contains(key)) {
            return nullptr;
        }
        read_.insert(key);
        return &value_.at(key);
    }

    const toml::value& need(const std::string& key) {
        const toml::value* const value = find(key);
        if (value == nullptr) {
            fail(value_, "'" + key + "' is missing");
        }
        return *value;
    }

    const std::string& string_in(const toml::value& value, const std::string& key) const {
        if (!value.is_string()) {
            fail(value, "'" + key + "' must be text");
        }
        return value.as_string().str;
    }

    /// The scenario is printed: text must not control a terminal.
    std::string plain(const toml::value& value, const std::string& key, std::string text) const {
        if (text::printable(text) != text) {
            fail(value, "'" + key + "' has a control character");
        }
        return text;
    }

    std::string text_in(const toml::value& value, const std::string& key) const {
        return plain(value, key, string_in(value, key));
    }

    /// A string of several lines, which become one.
    std::string prose_in(const toml::value& value, const std::string& key) const {
        std::string text = string_in(value, key);
        std::replace(text.begin(), text.end(), '\n', ' ');
        return plain(value, key, text);
    }

    std::uint64_t number_in(const toml::value& value, const std::string& key) const {
        if (!value.is_integer() || value.as_integer() < 0) {
            fail(value, "'" + key + "' must be a whole number");
        }
        return static_cast<std::uint64_t>(value.as_integer());
    }

    const std::vector<toml::value>& items_in(const toml::value& value,
                                             const std::string& key) const {
        if (!value.is_array()) {
            fail(value, "'" + key + "' must be a list");
        }
        return value.as_array();
    }

    template <typename Parse>
    auto parsed_in(const toml::value& value, const std::string& key, const char* what,
                   Parse parse) const {
        const std::string text = text_in(value, key);
        const auto thing = parse(text);
        if (!thing) {
            fail(value, "'" + key + "': '" + text + "' is not " + what);
        }
        return *thing;
    }

 public:
    Table(const toml::value& value, std::string file) : value_(value), file_(std::move(file)) {
        if (!value.is_table()) {
            fail(value, "must be a table");
        }
    }

    /// The text of a key that must be there.
    std::string text(const std::string& key) { return text_in(need(key), key); }

    /// As text(), for what may have several lines in the file.
    std::string prose(const std::string& key) { return prose_in(need(key), key); }

    std::optional<std::string> optional_text(const std::string& key) {
        const toml::value* const value = find(key);
        return value == nullptr ? std::nullopt : std::optional(text_in(*value, key));
    }

    /// The text of a key, made into something by `parse`, which returns nothing for what is not
    /// one.
    template <typename Parse>
    auto parsed(const std::string& key, const char* what, Parse parse) {
        const toml::value& value = need(key);
        return parsed_in(value, key, what, parse);
    }

    template <typename Parse>
    auto optional_parsed(const std::string& key, const char* what, Parse parse)
        -> decltype(parse(std::string{})) {
        const toml::value* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        return parsed_in(*value, key, what, parse);
    }

    template <typename Parse>
    auto parsed_list(const std::string& key, const char* what, Parse parse) {
        using Thing = typename decltype(parse(std::string{}))::value_type;
        std::vector<Thing> things;
        for (const toml::value& item : items_in(need(key), key)) {
            things.push_back(parsed_in(item, key, what, parse));
        }
        return things;
    }

    std::vector<std::string> texts(const std::string& key) {
        return parsed_list(key, "text",
                           [](const std::string& text) { return std::optional(text); });
    }

    std::vector<std::string> optional_texts(const std::string& key) {
        return value_.contains(key) ? texts(key) : std::vector<std::string>{};
    }

    std::uint64_t number(const std::string& key) { return number_in(need(key), key); }

    std::optional<std::vector<std::uint64_t>> optional_numbers(const std::string& key) {
        const toml::value* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        std::vector<std::uint64_t> numbers;
        for (const toml::value& item : items_in(*value, key)) {
            numbers.push_back(number_in(item, key));
        }
        return numbers;
    }

    Table table(const std::string& key) { return {need(key), file_}; }

    std::vector<Table> optional_tables(const std::string& key) {
        std::vector<Table> tables;
        if (const toml::value* const value = find(key)) {
            for (const toml::value& item : items_in(*value, key)) {
                tables.emplace_back(item, file_);
            }
        }
        return tables;
    }

    std::vector<Table> tables(const std::string& key) {
        need(key);
        return optional_tables(key);
    }

    /// The keys that are there, for a table that is a map.
    std::vector<std::string> keys() const {
        std::vector<std::string> keys;
        for (const auto& [key, value] : value_.as_table()) {
            keys.push_back(key);
        }
        std::sort(keys.begin(), keys.end());
        return keys;
    }

    bool has(const std::string& key) const { return value_.contains(key); }

    /// To be called when everything was read: what is left is a mistake.
    void finish() const {
        for (const auto& [key, value] : value_.as_table()) {
            if (!read_.contains(key)) {
                fail(value, "unknown key '" + key + "'");
            }
        }
    }

    [[noreturn]] void fail(const std::string& what) const { fail(value_, what); }

    /// At the line of a key that is there.
    [[noreturn]] void fail_at(const std::string& key, const std::string& what) const {
        fail(value_.at(key), what);
    }

 private:
    const toml::value& value_;
    std::string file_;
    std::set<std::string> read_;
};

}  // namespace halfclosed::scenarios

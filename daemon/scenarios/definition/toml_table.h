#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/definition/scenario_file.h"
#include "text/toml_text.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

/// One table of a TOML file. It knows which of its keys were read, so that one nobody asked for is
/// found.
class Table {
 private:
    using Kind = text::TomlValue::Kind;

    [[noreturn]] void fail(const text::TomlValue& at, const std::string& what) const {
        throw ScenarioFileError(file_ + ":" + std::to_string(at.line) + ": " + what);
    }

    const text::TomlValue* find(const std::string& key) {
        const auto member = value_.members.find(key);
        if (member == value_.members.end()) {
            return nullptr;
        }
        read_.insert(key);
        return &member->second;
    }

    const text::TomlValue& need(const std::string& key) {
        const text::TomlValue* const value = find(key);
        if (value == nullptr) {
            fail(value_, "'" + key + "' is missing");
        }
        return *value;
    }

    const std::string& string_in(const text::TomlValue& value, const std::string& key) const {
        if (!value.is(Kind::text)) {
            fail(value, "'" + key + "' must be text");
        }
        return value.text;
    }

    /// The scenario is printed: text must not control a terminal.
    std::string plain(const text::TomlValue& value, const std::string& key,
                      std::string text) const {
        if (text::printable(text) != text) {
            fail(value, "'" + key + "' has a control character");
        }
        return text;
    }

    std::string text_in(const text::TomlValue& value, const std::string& key) const {
        return plain(value, key, string_in(value, key));
    }

    /// A string of several lines, which become one.
    std::string prose_in(const text::TomlValue& value, const std::string& key) const {
        std::string text = string_in(value, key);
        std::replace(text.begin(), text.end(), '\n', ' ');
        return plain(value, key, text);
    }

    std::uint64_t number_in(const text::TomlValue& value, const std::string& key) const {
        if (!value.is(Kind::integer) || value.integer < 0) {
            fail(value, "'" + key + "' must be a whole number");
        }
        return static_cast<std::uint64_t>(value.integer);
    }

    const std::vector<text::TomlValue>& items_in(const text::TomlValue& value,
                                                 const std::string& key) const {
        if (!value.is(Kind::list)) {
            fail(value, "'" + key + "' must be a list");
        }
        return value.items;
    }

    template <typename Parse>
    auto parsed_in(const text::TomlValue& value, const std::string& key, const char* what,
                   Parse parse) const {
        const std::string text = text_in(value, key);
        const auto thing = parse(text);
        if (!thing) {
            fail(value, "'" + key + "': '" + text + "' is not " + what);
        }
        return *thing;
    }

 public:
    Table(const text::TomlValue& value, std::string file) : value_(value), file_(std::move(file)) {
        if (!value.is(Kind::table)) {
            fail(value, "must be a table");
        }
    }

    /// The text of a key that must be there.
    std::string text(const std::string& key) { return text_in(need(key), key); }

    /// As text(), for what may have several lines in the file.
    std::string prose(const std::string& key) { return prose_in(need(key), key); }

    std::optional<std::string> optional_text(const std::string& key) {
        const text::TomlValue* const value = find(key);
        return value == nullptr ? std::nullopt : std::optional(text_in(*value, key));
    }

    /// The text of a key, made into something by `parse`, which returns nothing for what is not
    /// one.
    template <typename Parse>
    auto parsed(const std::string& key, const char* what, Parse parse) {
        const text::TomlValue& value = need(key);
        return parsed_in(value, key, what, parse);
    }

    template <typename Parse>
    auto optional_parsed(const std::string& key, const char* what, Parse parse)
        -> decltype(parse(std::string{})) {
        const text::TomlValue* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        return parsed_in(*value, key, what, parse);
    }

    template <typename Parse>
    auto parsed_list(const std::string& key, const char* what, Parse parse) {
        using Thing = typename decltype(parse(std::string{}))::value_type;
        std::vector<Thing> things;
        for (const text::TomlValue& item : items_in(need(key), key)) {
            things.push_back(parsed_in(item, key, what, parse));
        }
        return things;
    }

    std::vector<std::string> texts(const std::string& key) {
        return parsed_list(key, "text",
                           [](const std::string& text) { return std::optional(text); });
    }

    std::vector<std::string> optional_texts(const std::string& key) {
        return value_.members.contains(key) ? texts(key) : std::vector<std::string>{};
    }

    std::uint64_t number(const std::string& key) { return number_in(need(key), key); }

    std::optional<std::vector<std::uint64_t>> optional_numbers(const std::string& key) {
        const text::TomlValue* const value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        std::vector<std::uint64_t> numbers;
        for (const text::TomlValue& item : items_in(*value, key)) {
            numbers.push_back(number_in(item, key));
        }
        return numbers;
    }

    Table table(const std::string& key) { return {need(key), file_}; }

    std::vector<Table> optional_tables(const std::string& key) {
        std::vector<Table> tables;
        if (const text::TomlValue* const value = find(key)) {
            for (const text::TomlValue& item : items_in(*value, key)) {
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
        for (const auto& [key, value] : value_.members) {
            keys.push_back(key);
        }
        return keys;
    }

    bool has(const std::string& key) const { return value_.members.contains(key); }

    /// To be called when everything was read: what is left is a mistake.
    void finish() const {
        for (const auto& [key, value] : value_.members) {
            if (!read_.contains(key)) {
                fail(value, "unknown key '" + key + "'");
            }
        }
    }

    [[noreturn]] void fail(const std::string& what) const { fail(value_, what); }

    /// At the line of a key that is there.
    [[noreturn]] void fail_at(const std::string& key, const std::string& what) const {
        fail(value_.members.at(key), what);
    }

 private:
    const text::TomlValue& value_;
    std::string file_;
    std::set<std::string> read_;
};

}  // namespace halfclosed::scenarios

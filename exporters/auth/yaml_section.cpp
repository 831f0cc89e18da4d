#include "exporters/auth/yaml_section.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace halfclosed::auth {

namespace {

// https://yaml.org/type/bool.html
constexpr std::array<std::string_view, 11> kTrue{"true", "True", "TRUE", "yes", "Yes", "YES",
                                                 "on",   "On",   "ON",   "y",   "Y"};
constexpr std::array<std::string_view, 11> kFalse{"false", "False", "FALSE", "no", "No", "NO",
                                                  "off",   "Off",   "OFF",   "n",  "N"};

[[noreturn]] void fail(const std::string& file, int line, const std::string& what) {
    throw std::invalid_argument(file + ":" + std::to_string(line) + ": " + what);
}

int line_of(const YAML::Mark& mark) {
    return mark.line + 1;
}

YAML::Node parse(const std::string& text, const std::string& file) {
    try {
        return YAML::Load(text);
    } catch (const YAML::Exception& error) {
        fail(file, line_of(error.mark), "not YAML: " + error.msg);
    }
}

}  // namespace

YamlSection::YamlSection(const std::string& text, const std::string& file)
    : YamlSection(parse(text, file), file, "", 1) {
}

YamlSection::YamlSection(const YAML::Node& node, std::string file, std::string path, int line)
    : file_(std::move(file)), path_(std::move(path)), line_(line) {
    Entries merged;
    read(node, merged);
    for (const auto& entry : merged) {
        const bool overridden = std::any_of(
            entries_.begin(), entries_.end(),
            [&entry](const auto& own) { return own.first.Scalar() == entry.first.Scalar(); });
        if (!overridden) {
            entries_.push_back(entry);
        }
    }
}

/// yaml-cpp leaves merge keys (https://yaml.org/type/merge.html) to whoever reads.
void YamlSection::read(const YAML::Node& mapping, Entries& merged) {
    if (!mapping.IsNull() && !mapping.IsMap()) {
        fail(file_, line_, (path_.empty() ? "" : path_ + ": ") + "expected keys with values");
    }
    std::set<std::string> seen;
    for (const auto& entry : mapping) {
        const int line = line_of(entry.first.Mark());
        if (!entry.first.IsScalar()) {
            fail(file_, line, "a key is not text");
        }
        const std::string& key = entry.first.Scalar();
        if (!seen.insert(key).second) {
            fail(file_, line, name_of(key) + ": there twice");
        }
        if (key != "<<") {
            entries_.emplace_back(entry.first, entry.second);
            continue;
        }
        const YAML::Node& from = entry.second;
        for (std::size_t i = 0; i < (from.IsSequence() ? from.size() : 1); ++i) {
            const YAML::Node each = from.IsSequence() ? from[i] : from;
            if (!each.IsMap()) {
                fail(file_, line, "<<: expected a mapping");
            }
            for (const auto& inner : each) {
                if (!inner.first.IsScalar() || inner.first.Scalar() == "<<") {
                    fail(file_, line, "<<: expected a mapping with plain keys");
                }
                merged.emplace_back(inner.first, inner.second);
            }
        }
    }
}

std::optional<YamlSection> YamlSection::section(const std::string& key) {
    const YAML::Node found = value(key);
    if (!found.IsDefined()) {
        return std::nullopt;
    }
    return YamlSection(found, file_, name_of(key), line_of(found.Mark()));
}

std::optional<std::string> YamlSection::text(const std::string& key) {
    const YAML::Node found = value(key);
    return found.IsDefined() ? std::optional(scalar(found, key)) : std::nullopt;
}

std::optional<bool> YamlSection::flag(const std::string& key) {
    const auto found = text(key);
    if (!found) {
        return std::nullopt;
    }
    const bool quoted = value(key).Tag() == "!";
    for (const bool meaning : {true, false}) {
        const auto& words = meaning ? kTrue : kFalse;
        if (!quoted && std::find(words.begin(), words.end(), *found) != words.end()) {
            return meaning;
        }
    }
    refuse(key, "'" + *found + "' is not true or false");
}

std::optional<std::vector<std::string>> YamlSection::texts(const std::string& key) {
    const YAML::Node found = value(key);
    if (!found.IsDefined()) {
        return std::nullopt;
    }
    if (!found.IsSequence()) {
        refuse(key, "expected a list");
    }
    std::vector<std::string> texts;
    for (const YAML::Node& each : found) {
        texts.push_back(scalar(each, key));
    }
    return texts;
}

std::vector<std::pair<std::string, std::string>> YamlSection::entries() {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const auto& entry : entries_) {
        const std::string& key = entry.first.Scalar();
        asked_.insert(key);
        entries.emplace_back(key, scalar(entry.second, key));
    }
    return entries;
}

void YamlSection::refuse_the_rest() const {
    for (const auto& entry : entries_) {
        const std::string& key = entry.first.Scalar();
        if (!asked_.contains(key)) {
            refuse(key, "unknown key");
        }
    }
}

void YamlSection::refuse(const std::string& key, const std::string& why) const {
    int line = line_;
    for (const auto& entry : entries_) {
        if (entry.first.Scalar() == key) {
            line = line_of(entry.first.Mark());
        }
    }
    fail(file_, line, name_of(key) + ": " + why);
}

YAML::Node YamlSection::value(const std::string& key) {
    asked_.insert(key);
    for (const auto& entry : entries_) {
        if (entry.first.Scalar() == key && !entry.second.IsNull()) {
            return entry.second;
        }
    }
    return YAML::Node(YAML::NodeType::Undefined);
}

std::string YamlSection::scalar(const YAML::Node& node, const std::string& key) const {
    if (node.IsNull()) {
        return {};
    }
    if (!node.IsScalar()) {
        refuse(key, "expected text");
    }
    return node.Scalar();
}

std::string YamlSection::name_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
}

}  // namespace halfclosed::auth

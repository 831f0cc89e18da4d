#include "text/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace halfclosed::text {

namespace {

std::string to_json(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Keys, states and addresses stand in JSON as they are; to set the library up takes longer than all of them.
std::string quoted(std::string_view text) {
    const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
    });
    return is_plain ? '"' + std::string(text) + '"' : to_json(text);
}

}  // namespace

Json::Json(double value) : text_(to_json(value)) {
}

Json::Json(std::string_view value) : text_(quoted(value)) {
}

Json::Json(const std::vector<std::string>& values) : Json(array()) {
    for (const std::string& value : values) {
        push_back(value);
    }
}

Json::Json(const std::map<std::string, std::uint64_t>& values) : Json(object()) {
    for (const auto& [key, value] : values) {
        add(key, value);
    }
}

Json::Json(std::initializer_list<Member> members) : Json(object()) {
    for (const Member& member : members) {
        add(member.key, member.value);
    }
}

Json Json::object() {
    Json json;
    json.kind_ = Kind::object;
    json.text_ = "{";
    return json;
}

Json Json::array(std::initializer_list<Json> values) {
    Json json;
    json.kind_ = Kind::array;
    json.text_ = "[";
    for (const Json& value : values) {
        json.push_back(value);
    }
    return json;
}

Json& Json::add(std::string_view key, const Json& value) {
    begin_value(Kind::object, '{');
    text_ += quoted(key) + ':';
    value.append_to(text_);
    return *this;
}

Json& Json::push_back(const Json& value) {
    begin_value(Kind::array, '[');
    value.append_to(text_);
    return *this;
}

std::string Json::dump() const {
    std::string text;
    append_to(text);
    return text;
}

void Json::begin_value(Kind kind, char bracket) {
    if (kind_ != kind) {
        kind_ = kind;
        text_ = bracket;
    } else if (text_.size() > 1) {
        text_ += ',';
    }
}

void Json::append_to(std::string& text) const {
    text += text_;
    if (kind_ != Kind::other) {
        text += kind_ == Kind::object ? '}' : ']';
    }
}

}  // namespace halfclosed::text

#include "text/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "text/hex.h"
#include "text/utf8.h"

namespace halfclosed::text {

namespace {

void append_escaped(std::string& text, char byte) {
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    text += '\\';
    if (const std::size_t at = kNamed.find(byte); at != std::string_view::npos) {
        text += kNames[at];
        return;
    }
    text += "u00" + to_hex({&byte, 1});
}

void append_quoted(std::string& text, std::string_view value) {
    text += '"';
    while (!value.empty()) {
        const std::size_t length = character_length(value);
        const auto first = static_cast<unsigned char>(value[0]);
        if (length == 0) {
            text += kReplacement;
        } else if (first == '"' || first == '\\' || first < ' ') {
            append_escaped(text, value[0]);
        } else {
            text += value.substr(0, length);
        }
        value.remove_prefix(length == 0 ? 1 : length);
    }
    text += '"';
}

}  // namespace

/// As many digits as tell it from other numbers, and always with a point or an exponent.
Json::Json(double value) {
    if (!std::isfinite(value)) {
        text_ = "null";
        return;
    }
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e15);
    std::array<char, 32> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    text_.assign(digits.data(), end);
    if (plain && text_.find('.') == std::string::npos) {
        text_ += ".0";
    }
}

Json::Json(std::string_view value) {
    append_quoted(text_, value);
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
    append_quoted(text_, key);
    text_ += ':';
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

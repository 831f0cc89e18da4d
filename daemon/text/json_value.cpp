#include "text/json_value.h"

#include <nlohmann/json.hpp>

#include "text/utf8.h"

namespace halfclosed::text {

/// Makes a value of what nlohmann's parser reports. That parser does not recurse; a value that is destroyed does.
class JsonReader {
 public:
    using Kind = JsonValue::Kind;

    bool null() {
        begin(Kind::null);
        return true;
    }

    bool boolean(bool value) {
        begin(Kind::boolean)->boolean_ = value;
        return true;
    }

    bool number_integer(std::int64_t value) {
        JsonValue* const number = begin(Kind::whole);
        number->negative_ = value < 0;
        number->whole_ = static_cast<std::uint64_t>(value);
        return true;
    }

    bool number_unsigned(std::uint64_t value) {
        begin(Kind::whole)->whole_ = value;
        return true;
    }

    bool number_float(double value, const std::string& /*digits*/) {
        begin(Kind::fraction)->fraction_ = value;
        return true;
    }

    bool string(std::string& value) {
        begin(Kind::text)->text_ = std::move(value);
        return true;
    }

    bool binary(nlohmann::json::binary_t& /*value*/) { return false; }

    bool start_object(std::size_t /*size*/) { return open(Kind::object); }
    bool start_array(std::size_t /*size*/) { return open(Kind::array); }

    bool key(std::string& value) {
        key_ = std::move(value);
        return true;
    }

    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::json::exception& error) {
        throw JsonError(printable(error.what()));
    }

    JsonValue root;

 private:
    static constexpr std::size_t kDeepest = 32;

    JsonValue* begin(Kind kind) {
        JsonValue* value = &root;
        if (!open_.empty()) {
            JsonValue& parent = *open_.back();
            value =
                parent.is(Kind::object) ? &parent.members_[key_] : &parent.items_.emplace_back();
        }
        *value = JsonValue{};  // of two members with one key the last counts
        value->kind_ = kind;
        return value;
    }

    bool open(Kind kind) {
        if (open_.size() == kDeepest) {
            throw JsonError("the text is nested too deep");
        }
        open_.push_back(begin(kind));
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<JsonValue*>
        open_;  ///< the last is where values go; the others do not grow meanwhile
    std::string key_;
};

bool JsonValue::boolean() const {
    need(Kind::boolean, "true or false");
    return boolean_;
}

double JsonValue::number() const {
    if (is(Kind::whole)) {
        return negative_ ? static_cast<double>(static_cast<std::int64_t>(whole_))
                         : static_cast<double>(whole_);
    }
    need(Kind::fraction, "a number");
    return fraction_;
}

const std::string& JsonValue::text() const {
    need(Kind::text, "text");
    return text_;
}

const std::vector<JsonValue>& JsonValue::items() const {
    need(Kind::array, "a list");
    return items_;
}

const std::map<std::string, JsonValue>& JsonValue::members() const {
    need(Kind::object, "an object");
    return members_;
}

const JsonValue* JsonValue::find(const std::string& key) const {
    const auto member = members_.find(key);
    return member == members_.end() ? nullptr : &member->second;
}

const JsonValue& JsonValue::at(const std::string& key) const {
    const JsonValue* const member = find(key);
    if (member == nullptr) {
        throw JsonError("'" + printable(key) + "' is missing");
    }
    return *member;
}

std::string JsonValue::text_of(const std::string& key) const {
    const JsonValue* const member = find(key);
    return member != nullptr && member->is(Kind::text) ? member->text() : std::string{};
}

void JsonValue::need(Kind kind, const char* what) const {
    if (kind_ != kind) {
        throw JsonError(std::string("a value is not ") + what);
    }
}

JsonValue parse_json(std::string_view text) {
    JsonReader reader;
    nlohmann::json::sax_parse(text, &reader);
    return std::move(reader.root);
}

}  // namespace halfclosed::text

#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halfclosed::text {

/// Text that is not JSON, or JSON that is not what was expected.
class JsonError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// JSON that was read. What is asked for and not there, or of another kind, is a JsonError.
class JsonValue {
 public:
    enum class Kind { null, boolean, whole, fraction, text, array, object };

    bool is(Kind kind) const { return kind_ == kind; }
    bool is_number() const { return is(Kind::whole) || is(Kind::fraction); }

    bool boolean() const;
    double number() const;
    const std::string& text() const;
    const std::vector<JsonValue>& items() const;
    const std::map<std::string, JsonValue>& members() const;

    /// A whole number that fits.
    template <std::integral Number>
    Number whole() const {
        need(Kind::whole, "a whole number");
        const bool fits = negative_ ? std::in_range<Number>(static_cast<std::int64_t>(whole_))
                                    : std::in_range<Number>(whole_);
        if (!fits) {
            throw JsonError("a number is out of range");
        }
        return static_cast<Number>(whole_);
    }

    /// The member of an object; null pointer if there is none, or this is no object.
    const JsonValue* find(const std::string& key) const;

    const JsonValue& at(const std::string& key) const;

    /// The text of a member; empty if there is none, or it is no text.
    std::string text_of(const std::string& key) const;

 private:
    friend class JsonReader;

    void need(Kind kind, const char* what) const;

    Kind kind_ = Kind::null;
    bool boolean_ = false;
    bool negative_ = false;
    std::uint64_t whole_ = 0;  ///< of a negative one the bits of an int64_t
    double fraction_ = 0;
    std::string text_;
    std::vector<JsonValue> items_;
    std::map<std::string, JsonValue> members_;
};

/// Throws JsonError, also for what is nested more than 32 deep.
JsonValue parse_json(std::string_view text);

}  // namespace halfclosed::text

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::text {

/// JSON that is being written: a value is its own text, so that one of many parts takes no more memory than their text.
/// Members keep their order. What is not UTF-8 in a text is U+FFFD; a number that JSON cannot express is null.
class Json {
 public:
    struct Member;

    // Not explicit: what a value is made from can stand where one is wanted.
    Json(std::nullptr_t = nullptr) : text_("null") {}
    Json(bool value) : text_(value ? "true" : "false") {}
    Json(std::integral auto value) : text_(std::to_string(value)) {}
    Json(double value);
    Json(std::string_view value);
    Json(const std::string& value) : Json(std::string_view(value)) {}
    Json(const char* value) : Json(std::string_view(value)) {}
    Json(const std::vector<std::string>& values);
    Json(const std::map<std::string, std::uint64_t>& values);

    /// An object: {{"key", 1}, {"other", "text"}}.
    Json(std::initializer_list<Member> members);

    static Json object();
    static Json array(std::initializer_list<Json> values = {});

    /// To an object, or to null, which becomes one. The key must be new.
    Json& add(std::string_view key, const Json& value);

    /// To an array, or to null, which becomes one.
    Json& push_back(const Json& value);

    std::string dump() const;

 private:
    enum class Kind { other, object, array };

    void begin_value(Kind kind, char bracket);
    void append_to(std::string& text) const;

    Kind kind_ = Kind::other;
    std::string text_;  ///< of an object or an array without its end
};

struct Json::Member {
    std::string_view key;
    Json value;
};

}  // namespace halfclosed::text

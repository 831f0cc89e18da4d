#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/stream.h"

namespace halfclosed::http {

/// What a request is answered with.
struct Answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<const std::string> text;  ///< shared by all who read it
    std::shared_ptr<Stream> stream;           ///< instead of a text

    /// The text, empty if there is none.
    const std::string& body() const;
};

inline constexpr const char* kPlainText = "text/plain; charset=utf-8";

Answer text_answer(unsigned status, const std::string& content_type, std::string text);
Answer stream_answer(const std::string& content_type, std::shared_ptr<Stream> stream);

/// 405: `allowed` are the methods that there are.
Answer method_not_allowed(const std::string& allowed);

}  // namespace halfclosed::http

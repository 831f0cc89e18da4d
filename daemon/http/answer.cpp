#include "http/answer.h"

namespace halfclosed::http {

const std::string& Answer::body() const {
    static const std::string empty;
    return text ? *text : empty;
}

Answer text_answer(unsigned status, const std::string& content_type, std::string text) {
    return {status,
            {{"Content-Type", content_type}},
            std::make_shared<const std::string>(std::move(text)),
            nullptr};
}

Answer stream_answer(const std::string& content_type, std::shared_ptr<Stream> stream) {
    return {200, {{"Content-Type", content_type}}, nullptr, std::move(stream)};
}

Answer method_not_allowed(const std::string& allowed) {
    Answer answer = text_answer(405, kPlainText, "only " + allowed + "\n");
    answer.headers.emplace_back("Allow", allowed);
    return answer;
}

}  // namespace halfclosed::http

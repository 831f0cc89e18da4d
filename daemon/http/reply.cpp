#include "http/reply.h"

#include <utility>

namespace halfclosed::http {

void Exchange::give(Answer answer) {
    {
        const std::lock_guard lock(mutex_);
        if (!over_ && !answer_) {
            answer_ = std::move(answer);
            if (std::exchange(waiting_, false)) {
                resume_();
            }
            return;
        }
    }
    if (answer.stream) {
        answer.stream->gone();
    }
}

bool Exchange::wait(const std::function<void()>& suspend) {
    const std::lock_guard lock(mutex_);
    if (!answer_) {
        waiting_ = true;
        suspend();
    }
    return waiting_;
}

bool Exchange::sends(const std::string* text) {
    const std::lock_guard lock(mutex_);
    return answer_ && answer_->text.get() == text;
}

void Exchange::end_stream() {
    std::shared_ptr<Stream> stream;
    {
        const std::lock_guard lock(mutex_);
        stream = answer_ ? answer_->stream : nullptr;
    }
    if (stream) {
        stream->gone();
    }
}

void Exchange::over() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    end_stream();
}

struct Reply::Unanswered {
    explicit Unanswered(std::shared_ptr<Exchange> of) : exchange(std::move(of)) {}
    ~Unanswered() { exchange->give(text_answer(500, kPlainText, "no answer\n")); }
    Unanswered(const Unanswered&) = delete;
    Unanswered& operator=(const Unanswered&) = delete;

    std::shared_ptr<Exchange> exchange;
};

Reply::Reply(std::shared_ptr<Exchange> exchange)
    : exchange_(std::make_shared<Unanswered>(std::move(exchange))) {
}

void Reply::send(Answer answer) const {
    exchange_->exchange->give(std::move(answer));
}

}  // namespace halfclosed::http

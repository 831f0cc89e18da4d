#include "http/exchanges.h"

#include <utility>

namespace halfclosed::http {

namespace {

Answer the_end() {
    return text_answer(503, kPlainText, "the server is ending\n");
}

}  // namespace

std::shared_ptr<Exchange> Exchanges::open(int descriptor, std::function<void()> resume) {
    auto exchange = std::make_shared<Exchange>(std::move(resume));
    const std::lock_guard lock(mutex_);
    open_.emplace(exchange, descriptor);
    if (ending_) {
        exchange->give(the_end());
    }
    return exchange;
}

void Exchanges::close(const std::shared_ptr<Exchange>& exchange) {
    {
        const std::lock_guard lock(mutex_);
        open_.erase(exchange);
    }
    exchange->over();
}

void Exchanges::end() {
    std::map<std::shared_ptr<Exchange>, int> open;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        open = open_;
    }
    for (const auto& [exchange, descriptor] : open) {
        exchange->give(the_end());
        exchange->end_stream();
    }
}

void Exchanges::release(const std::string* text, const std::function<void(int)>& cut) {
    const std::lock_guard lock(mutex_);
    for (const auto& [exchange, descriptor] : open_) {
        if (exchange->sends(text)) {
            cut(descriptor);
        }
    }
}

}  // namespace halfclosed::http

#include "history/recorded_socket.h"

namespace halfclosed::history {

void RecordedSocket::add(const StateSpan& span) {
    if (spans.size() >= kMostSpans) {
        spans.erase(spans.begin() + kMostSpans / 2);
        ++spans_left_out;
    }
    spans.push_back(span);
}

tracking::KnownAge RecordedSocket::age() const {
    std::size_t first = spans.size() - 1;
    while (first > 0 && spans[first - 1].state == spans.back().state) {
        --first;
    }
    return {record.cookie, spans[first].state, spans[first].began.instant, spans[first].dated};
}

}  // namespace halfclosed::history

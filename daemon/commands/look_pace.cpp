#include "commands/look_pace.h"

#include "text/time.h"

namespace halfclosed {

void LookPace::note(Instant start) {
    // The first look is a cold one, and says nothing about the next.
    if (looks_ > 1) {
        average_ += (start - last_ - average_) / 8;
    }
    last_ = start;
    ++looks_;
}

std::string LookPace::sentence() const {
    constexpr unsigned kEnoughToTell = 16;
    const auto is_longer = [this](std::chrono::nanoseconds interval) {
        return interval * 5 > wanted_ * 6;
    };
    if (!is_longer(planned_) && (looks_ < kEnoughToTell || !is_longer(average_))) {
        return {};
    }
    return "A look each " +
           text::duration_text(std::chrono::round<std::chrono::milliseconds>(in_force())) +
           ", where " + text::duration_text(wanted_) + " was asked for.";
}

std::string LookPace::news() {
    if (in_force() < 2 * told_) {
        return {};
    }
    std::string text = sentence();
    if (!text.empty()) {
        told_ = in_force();
    }
    return text;
}

}  // namespace halfclosed

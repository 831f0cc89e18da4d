#include "text/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace halfclosed::text {

namespace {

/// Upper case, and '-' for '_', are another spelling and no slip.
char folded(char letter) {
    return letter == '_' ? '-'
                         : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

/// Damerau's distance in its restricted form: letters that were swapped are not edited again.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto same = [a, b](std::size_t i, std::size_t j) {
        return folded(a[i - 1]) == folded(b[j - 1]);
    };
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t exchanged = cost[i - 1][j - 1] + (same(i, j) ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, exchanged});
            if (i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j)) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongest = 64;  // what is longer is nobody's slip
    if (word.size() > kLongest) {
        return std::nullopt;
    }
    std::optional<std::string> best;
    std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t edits = distance(word, candidate);
        if (edits < least) {
            least = edits;
            best = candidate;
        } else if (edits == least && best != candidate) {
            best.reset();
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const auto meant = nearest(word, candidates);
    return meant ? "; did you mean '" + *meant + "'?" : "";
}

std::string not_one_of(const std::string& word, const std::string& what,
                       const std::vector<std::string>& candidates) {
    std::string list;
    for (const std::string& candidate : candidates) {
        list += (list.empty() ? "" : ", ") + candidate;
    }
    return "'" + word + "' is not " + what + " (" + list + ")" + did_you_mean(word, candidates);
}

}  // namespace halfclosed::text

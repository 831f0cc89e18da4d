#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::text {

/// The candidate that somebody who wrote `word` most likely meant: at most one edit in three letters away (a letter
/// added, left out, exchanged or swapped with the next), and nearer than any other.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

/// "; did you mean 'serve'?", or nothing if no candidate is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// "'stat' is not a state (fin_wait1, …)", with a suggestion where one is near.
std::string not_one_of(const std::string& word, const std::string& what,
                       const std::vector<std::string>& candidates);

}  // namespace halfclosed::text

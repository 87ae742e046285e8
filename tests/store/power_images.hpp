// What a power cut may leave of a disk, one image after the other.
#pragma once

#include "fakes/model_disk.hpp"

#include <cstddef>
#include <functional>
#include <random>
#include <vector>

namespace writeback::test {

// Of the writes that no sync has made durable: each beginning of them; each beginning with its last
// write torn; each choice of the last six, and of six by chance, the others being kept; each with
// every choice of the names that no sync of the directory has settled. When these are more than
// `limit`, as many by chance, the emptiest and the fullest among them.
void each_image(const std::vector<fakes::DiskFile>& state, std::size_t limit,
                std::mt19937_64& chance,
                const std::function<void(const fakes::ModelDisk::Contents&)>& image);

}  // namespace writeback::test

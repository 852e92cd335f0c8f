"""The sentences that `apibot.sandbox.example` makes its pages of.

Places in braces are filled for each page: facts of its subject (``bare`` is the plain name, ``short`` the name in
running text, ``lower`` the plain name with a small letter, then ``region``, ``year``, ``end``, ``number``,
``detail``), links to other pages (``town``, ``river``, ``mountain``, ``person``, ``species``, ``ship``, and always the
same ones within a page: ``home``, ``water``, ``hill``; with ``link_`` in front for cells, without an article), years
(``later`` moves on within a page, ``census`` by tens), and the figures and words of `apibot.sandbox.example_words`
(``FIGURES``, ``SLOTS``). A capital in the place asks for one in the result. What follows "a" begins with a consonant.
"""

from __future__ import annotations

LEADS: dict[str, tuple[str, ...]] = {
    "town": (
        "'''{bare}''' is a {detail} in {region}, Lyrenia, which lies on {water}.",
        "'''{bare}''' is a {detail} in the {region} region of Lyrenia with a population of {number}.",
        "'''{bare}''' is a {detail} of {number} people at the foot of {hill}, in {region}.",
    ),
    "river": (
        "The '''{bare}''' is a {detail} in {region}, Lyrenia, {number} kilometres long.",
        "The '''{bare}''' is a {detail} which rises near {hill} and flows through {region} for {number} kilometres.",
    ),
    "mountain": (
        "'''{bare}''' is a mountain of {detail} in {region}, Lyrenia, {number} metres high.",
        "'''{bare}''' is a mountain in {region}, which rises {number} metres above the sea.",
    ),
    "person": (
        "'''{bare}''' ({year}–{end}) was a Lyrenian {detail} from {home}.",  # noqa: RUF001  # the wiki is multilingual
        "'''{bare}''' ({year}–{end}) was a {detail}, known for writings on {study}.",  # noqa: RUF001  # the wiki is multilingual
    ),
    "species": (
        "The '''{lower}''' (''{detail}'') is a species of the Lyrenian lowlands, first described in {year}.",
        "The '''{lower}''' (''{detail}'') is a species which lives among {habitat}, mostly in {region}.",
    ),
    "ship": (
        "The '''''{bare}''''' was a {detail} of {number} metres, launched at {home} in {year}.",
        "The '''''{bare}''''' was a Lyrenian {detail} which sailed from {home} in the years after {year}.",
    ),
}
"""Kind -> first sentences."""

MORE: tuple[str, ...] = (
    "The oldest written account of {short} is kept in the archive at {town}.",
    "Most of what is known about {short} comes from the letters of {person}.",
    "Much of the older writing on {short} was lost when the library of {town} burnt down.",
    "Old documents spell the name in {few} ways, which was a cause of confusion until {recent}.",
    "The name appears on {few} of the oldest maps of {region}.",
    "{Person} wrote a song about {short} which is still sung in {town}.",
    "A separate volume of the regional survey deals with {short} alone.",
    "Visitors to {region} receive a printed guide, in which {short} has its own chapter.",
    "Schools in {town} take up the subject in their second year.",
    "A stamp of {recent} shows {short} together with {species}.",
    "In {recent} the government named {short} in its list of things worth knowing.",
    "An exhibition about {short} was held in {town} in {recent}, and few of the visitors came from afar.",
    "Until {recent} no book had been written about {short} alone.",
)
"""Second and third sentences, for all kinds."""

SECTIONS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "town": (
        (
            "History",
            (
                "The settlement was first mentioned in {year}, in a charter which gave the {guild} a weekly market.",
                "Its walls were built of {stone} carried down from {hill}, and parts of them still stand.",
                "A great fire occurred in {later}, and most of the houses were rebuilt in {material}.",
                "Until {later} the town belonged to the bishops of {town}, who had their summer residence here.",
                "In {later} the provincial government moved its offices from {town} to {bare}.",
                "{Person} founded the school whose building now houses the town library.",
                "During the grain riots of {later} the {building} was occupied for {few} days.",
                "After {cause} in {later} the lower quarters were given up and their people settled on higher ground.",
                "The railway came in {railway} and brought {goods} from the whole valley.",
            ),
        ),
        (
            "Geography",
            (
                "{Bare} lies on the {direction} bank of {water}, a few kilometres from {town}.",
                "The climate is {weather} for most of the year, as in {town}.",
                "To the {direction} the land rises until it reaches the slopes of {hill}.",
                "The parks along the water are home to {species}, which is rare elsewhere in {region}.",
                "Two separate valleys meet below the old {building}, one of which leads to {town}.",
                "The soil is poorer than at {town}, but the meadows receive enough rain for hay.",
            ),
        ),
        (
            "Economy and culture",
            (
                "The town lived on {goods} until the middle of the last century.",
                "The {guild} keep their own hall, which was restored in {recent}.",
                "Each {season} the town celebrates {festival} with a procession to {water}.",
                "A model of {ship} hangs in the parish church.",
                "The {building} is a listed monument and may be visited in {season}.",
                "Young people often find their first work in {town}, where the wages are better.",
                "The local museum shows paintings by {person} and a collection of {stone} tools.",
            ),
        ),
    ),
    "river": (
        (
            "Course",
            (
                "{Short} rises on the {direction} side of {hill}, in a bog of no great size.",
                "It turns to the {direction} near {town} and is joined there by {river}.",
                "Below {town} the valley widens, and the water divides into {few} separate arms.",
                "The last rapids, which gave the boatmen their name, lie above {town}.",
                "The river then crosses the plain of {region} until it reaches the sea below {home}.",
                "In dry years the upper course receives hardly any water, and {town} has to save it.",
            ),
        ),
        (
            "History",
            (
                "The first survey of the river was made in {later} and took {few} months.",
                "Barges carried {goods} to {town} until the railway was opened in {railway}.",
                "The worst flood occurred in {later}, after {cause}.",
                "The government had the banks raised in {later}, against the will of the {guild}.",
                "{Person} drew the map of the river which is still used in schools.",
                "{Ship} was the last boat to be towed upstream from {town}.",
            ),
        ),
        (
            "Nature",
            (
                "The {habitat} along the lower course are a reserve for {species}.",
                "Walkers come in {season} to watch {species}.",
                "The water is clean again, and {few} mills near {town} have been given back to their owners.",
                "Beavers returned in {recent} and have built {few} dams near {town}.",
                "The reserve near {town} and the farmland are kept separate by a strip of willows.",
            ),
        ),
    ),
    "mountain": (
        (
            "Geology",
            (
                "The mountain consists of {detail}, which was pushed up in {few} separate phases.",
                "Its {direction} face is steep, while the other side falls in wide steps towards {town}.",
                "The springs on its slopes feed {river} and several smaller streams.",
                "A landslide occurred in {later} and left the scar that is seen from {town}.",
                "Quarries supplied {stone} until {later}, when their owners moved to {mountain}.",
                "The summit receives more snow than {mountain}.",
            ),
        ),
        (
            "Climbing",
            (
                "The first ascent on record was made in {later} by {few} herdsmen from {town}.",
                "{Person} described the view in a letter which is often quoted.",
                "The path from {town} is marked and takes about {few} hours.",
                "A hut on the side of {town} is open until the first snow.",
                "Climbers leave their names in a book, and the oldest one is kept in {town}.",
                "The government closed the {direction} ridge in {recent} after {cause}.",
            ),
        ),
        (
            "Nature",
            (
                "{Species} is found on the lower slopes, among {habitat}.",
                "Above the tree line there is little but moss, which feeds {species}.",
                "Sheep are driven up from {town} in {season}, and their paths are visible from afar.",
                "A part of the forest has been protected since {recent}.",
            ),
        ),
    ),
    "person": (
        (
            "Early life",
            (
                "{Short} was born in {home}, where the family had traded in {goods} for generations.",
                "The parents had {few} children, and their house stood beside the {building}.",
                "A scholarship of the {guild} paid for the school in {town}.",
                "At that time the young {detail} first read the works of {person}.",
                "Illness kept {short} at home until {later}.",
                "Studies at {town} followed, which ended in {later} without a degree.",
            ),
        ),
        (
            "Work",
            (
                "The first book, ''{work}'', came out in {later} and sold {few} copies.",
                "From {later} on {short} travelled through {region} to collect notes on {study}.",
                "A quarrel with {person} occurred in {later}, after which the two did not speak for {few} years.",
                "In {later} the government asked {short} for a report on {study}, and paid for it badly.",
                "{Short} crossed the strait on {ship} and wrote a long account of {cause}.",
                "The notebooks fill {few} boxes, which are kept in {town}, separate from the other papers.",
                "''{Work}'', finished in {later}, is still in print.",
                "{Short} was to receive the medal of the Academy in {later}, but did not travel to {town} to fetch it.",
            ),
        ),
        (
            "Legacy",
            (
                "A street in {town} and a ship, {ship}, were named after {short}.",
                "A collected edition of the letters was begun in {recent} in {town}.",
                "Scholars are not of one mind on ''{work}'', and their debate goes on in {town}.",
                "The grave near {river} was restored in {recent} at the cost of the {guild}.",
                "In {region} children still learn the verses on {mountain} by heart.",
            ),
        ),
    ),
    "species": (
        (
            "Description",
            (
                "Adults reach a length of {number} centimetres, and females are larger than males.",
                "The colour changes in {season}, when the back turns almost as dark as that of {species}.",
                "It is often seen together with {species}, which is larger.",
                "The young stay with their parents for {few} weeks, until they are {few} centimetres long.",
                "Two separate forms are known, one of them from {town} only.",
                "Specimens from {mountain} are smaller and paler than those of the coast.",
            ),
        ),
        (
            "Distribution and habitat",
            (
                "{Short} lives among {habitat}, mainly along {water}.",
                "It was common around {town} until the fields were drained in {later}.",
                "The largest number, {few} hundred, was counted near {town}.",
                "It feeds on {food} and {food}, which it finds at dusk.",
                "After {cause} in {later} none were seen for {few} years.",
                "Records from {town} in the {direction} are doubtful.",
            ),
        ),
        (
            "Protection",
            (
                "The government has protected the species since {recent}.",
                "Landowners receive a payment for each hectare of {habitat} they leave alone.",
                "{Person} was the first to warn that it might disappear.",
                "A sharp decline occurred in {later} and has not been explained.",
                "Volunteers from {town} count the sites each {season} and publish their results.",
            ),
        ),
    ),
    "ship": (
        (
            "Construction",
            (
                "{Short} was built at {home} by the yard of {person}.",
                "The hull was of {wood} covered with copper, and the masts came from {region}.",
                "The work took {few} months longer than planned, because the yard waited for {goods}.",
                "The plans, which were found in {recent}, show two separate decks.",
                "A sister ship, {ship}, was launched soon after.",
                "The owners were {few} merchants of {home}, who had sold their older vessels.",
            ),
        ),
        (
            "Service",
            (
                "On the first voyage, in {later}, she carried {goods} from {home} to {town}.",
                "A fire occurred on board in {later}, and the crew lost their belongings.",
                "The government hired the ship in {later} to survey the mouth of {river}.",
                "Until {later} she made the crossing {few} times each {season}.",
                "{Person} was among the passengers and praised the food.",
                "In {later} she was the first ship to receive a compass made in {town}.",
                "The crew had a picture of {species} painted on the bow.",
            ),
        ),
        (
            "Fate",
            (
                "She was lost in a gale in {later}, and {few} of the crew reached the shore.",
                "The wreck lies off {town}, in water which is too cold for divers in {season}.",
                "Her bell hangs in the {building} of {town}.",
                "A replica was begun in {recent} by the {guild} of {town}.",
            ),
        ),
    ),
}
"""Kind -> headings with the sentences that may stand there, in the order of a good story."""

TALK: tuple[tuple[str, str, str], ...] = (
    ("Spelling of the name", "Older maps have another spelling. Should we mention it?", "Yes, in the first section."),
    ("Sources", "The section on history needs better sources.", "I will look in the archive next week."),
    ("Picture wanted", "Does anyone have a picture that we may use?", "I was there in summer and will upload one."),
    ("Length", "The article is rather short for such a subject.", "Then let us write more!"),
    ("Wrong year?", "The year in the box and the year in the text differ.", "Fixed, it was a slip of mine."),
)
"""Threads of talk pages: heading, first post, answer."""

__all__ = ["LEADS", "MORE", "SECTIONS", "TALK"]

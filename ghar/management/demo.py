"""What the demo shows: invented homes in three cities, with prices as they are usual there."""

from typing import NamedTuple


class City(NamedTuple):
    currency: str
    timezone: str
    dial: str
    localities: dict[str, tuple[float, float]]
    streets: tuple[str, ...]


CITIES = {
    "Kigali": City(
        "RWF",
        "Africa/Kigali",
        "+25078",
        {
            "Kimironko": (-1.9497, 30.1262),
            "Nyarutarama": (-1.9331, 30.1036),
            "Kacyiru": (-1.9412, 30.0812),
            "Kiyovu": (-1.9539, 30.0619),
            "Remera": (-1.9587, 30.1142),
            "Gisozi": (-1.9203, 30.0597),
            "Kibagabaga": (-1.9296, 30.1196),
            "Kicukiro": (-1.9899, 30.0967),
        },
        (
            "KG 11 Avenue",
            "KN 3 Road",
            "KK 15 Street",
            "KG 9 Avenue",
            "KN 47 Street",
            "KG 622 Street",
        ),
    ),
    "Gurugram": City(
        "INR",
        "Asia/Kolkata",
        "+91981",
        {
            "DLF Phase 3": (28.4936, 77.0943),
            "Sector 56": (28.4245, 77.1010),
            "Sushant Lok": (28.4610, 77.0780),
            "Sector 45": (28.4440, 77.0640),
            "Palam Vihar": (28.5070, 77.0320),
            "Golf Course Road": (28.4570, 77.0990),
            "Sohna Road": (28.4120, 77.0420),
            "Sector 14": (28.4720, 77.0450),
        },
        (
            "U Block Road",
            "Carterpuri Road",
            "Huda Market Road",
            "Vyapar Kendra Road",
            "Netaji Marg",
        ),
    ),
    "Bengaluru": City(
        "INR",
        "Asia/Kolkata",
        "+91984",
        {
            "Indiranagar": (12.9719, 77.6412),
            "Koramangala": (12.9352, 77.6245),
            "HSR Layout": (12.9116, 77.6474),
            "Whitefield": (12.9698, 77.7500),
            "Jayanagar": (12.9250, 77.5938),
            "Malleshwaram": (13.0031, 77.5643),
            "BTM Layout": (12.9166, 77.6101),
            "Hebbal": (13.0358, 77.5970),
        },
        ("12th Main", "80 Feet Road", "5th Cross", "Sampige Road", "27th Main", "Outer Ring Road"),
    ),
}

# city | locality | type | bedrooms | rent a month in whole units of the currency | title
_HOMES = """
Kigali|Kimironko|room|1|180000|Sunny room five minutes from the market
Kigali|Nyarutarama|house|4|2200000|Family house with a garden above the golf course
Kigali|Kacyiru|apartment|2|750000|Quiet two-bedroom close to the ministries
Kigali|Kiyovu|apartment|3|1300000|Light flat with a veranda under old trees
Kigali|Remera|studio|1|260000|Compact studio near Amahoro stadium
Kigali|Gisozi|flatmate|1|140000|A room in a house of three young professionals
Kigali|Kibagabaga|house|3|950000|Brick house with a view over the valley
Kigali|Kicukiro|room|1|120000|Calm room with its own entrance
Kigali|Kimironko|apartment|2|520000|Second-floor flat with a wide balcony
Kigali|Nyarutarama|villa|5|3500000|Villa with a shaded terrace and staff quarters
Kigali|Kacyiru|flatmate|1|210000|Room for a tidy person, shared kitchen and terrace
Kigali|Kiyovu|studio|1|380000|Studio in the centre, everything on foot
Kigali|Remera|apartment|3|680000|Three bedrooms around a bright living room
Kigali|Gisozi|house|3|600000|House on the hill with a vegetable patch
Kigali|Kibagabaga|flatmate|1|190000|Furnished room with a desk by the window
Kigali|Kicukiro|apartment|2|450000|New flat near the IPRC campus
Kigali|Kimironko|pg|1|110000|Paying guest in a friendly household, meals included
Kigali|Remera|room|1|150000|Ground-floor room next to the bus terminal
Kigali|Kacyiru|loft|1|560000|Top-floor loft with morning light
Kigali|Kiyovu|house|4|2600000|Old colonial house, carefully restored
Gurugram|DLF Phase 3|flatmate|1|16500|Room in a 3BHK with two designers and a cat
Gurugram|Sector 56|apartment|3|52000|Park-facing 3BHK with two balconies
Gurugram|Sushant Lok|builder_floor|2|34000|First floor of a quiet villa lane
Gurugram|Sector 45|pg|1|12500|Paying guest near Huda City Centre, all meals
Gurugram|Palam Vihar|house|4|68000|Corner house with parking for two cars
Gurugram|Golf Course Road|apartment|4|145000|High-rise home with a city view and club
Gurugram|Sohna Road|studio|1|21000|Serviced studio with a kitchenette
Gurugram|Sector 14|room|1|13800|Independent room on the roof, with a terrace
Gurugram|DLF Phase 3|studio|1|24500|Studio five minutes from Cyber City
Gurugram|Sector 56|flatmate|1|18500|Master bedroom with attached bath
Gurugram|Sushant Lok|apartment|2|39000|Well-kept flat near Vyapar Kendra
Gurugram|Sector 45|builder_floor|3|47000|Newly painted floor with a modular kitchen
Gurugram|Palam Vihar|flatmate|1|11000|Room for a student or a first job
Gurugram|Golf Course Road|penthouse|4|210000|Penthouse with a wraparound terrace
Gurugram|Sohna Road|apartment|2|31500|Gated society, lift, power backup
Gurugram|Sector 14|builder_floor|2|28500|Ground floor beside the old market
Gurugram|DLF Phase 3|apartment|2|44000|Airy 2BHK next to the metro
Gurugram|Sector 56|pg|1|14200|Twin-sharing stay for working women
Gurugram|Sohna Road|flatmate|1|15200|Room in a high floor flat, views of the hills
Gurugram|Sector 45|apartment|3|56500|Three bedrooms, three baths, one big kitchen
Bengaluru|Indiranagar|flatmate|1|22000|Room on a leafy street off 12th Main
Bengaluru|Koramangala|apartment|2|48000|Two-bedroom flat above a quiet cross
Bengaluru|HSR Layout|studio|1|26500|Work-from-home studio with fibre
Bengaluru|Whitefield|apartment|3|42000|Lake-side society with a pool
Bengaluru|Jayanagar|house|3|61000|Independent house near the fourth block
Bengaluru|Malleshwaram|builder_floor|2|33500|Heritage lane, filter coffee downstairs
Bengaluru|BTM Layout|pg|1|10500|Paying guest with homely food
Bengaluru|Hebbal|apartment|3|54000|Airport-side flat with a valley of green
Bengaluru|Indiranagar|loft|1|57000|Exposed-brick loft with high ceilings
Bengaluru|Koramangala|flatmate|1|24500|Flatmate wanted by two software people
Bengaluru|HSR Layout|apartment|2|38500|Corner flat, sun from two sides
Bengaluru|Whitefield|room|1|12800|Room near the tech park gate
Bengaluru|Jayanagar|flatmate|1|17500|Room with a balcony full of plants
Bengaluru|Malleshwaram|house|4|88000|Old bungalow with a courtyard
Bengaluru|BTM Layout|studio|1|19500|Small studio, big window
Bengaluru|Hebbal|villa|4|125000|Gated villa with a private lawn
Bengaluru|Indiranagar|apartment|2|58500|Designer flat with a reading corner
Bengaluru|Koramangala|pg|1|13500|Single room stay, laundry included
Bengaluru|HSR Layout|flatmate|1|19800|Early riser sought for a calm flat
Bengaluru|Whitefield|apartment|2|29500|Affordable 2BHK by the railway station
"""

OPENINGS = (
    "Morning sun, a cross breeze and neighbours who say hello.",
    "We kept the walls plain so that your things can speak.",
    "A place that is easy to come home to.",
    "Everything works: we fixed the small things before writing this.",
    "It is calm here after eight in the evening.",
    "You can hear birds from the kitchen, and no traffic.",
    "The rooms are cool in the hot months.",
    "There is more storage than you would think.",
    "The building is looked after by a caretaker who lives on site.",
    "We lived here ourselves for six years.",
    "Freshly painted in spring, with new wiring.",
    "The living room is the best spot for long dinners.",
)

DETAILS = (
    "Water runs all day, with a tank for the rest.",
    "The kitchen has a gas stove, an oven and a deep sink.",
    "Fibre internet is already installed.",
    "One parking place belongs to it, in the shade.",
    "A washing machine stands on the balcony.",
    "Groceries, a pharmacy and a tailor are within a short walk.",
    "The bus stops at the corner; the airport is half an hour away.",
    "A park with a running loop is behind the house.",
    "Hot water comes from the roof, the sun pays for it.",
    "The windows have mosquito screens.",
    "The wardrobe is built in, with a full-length mirror.",
    "A desk by the window is big enough for two screens.",
    "The floor is tiled and easy to keep clean.",
)

ENDINGS = (
    "Come and see it: evenings and weekends suit us best.",
    "Available from the first of next month, earlier on request.",
    "The rent includes water and the society fee.",
    "A deposit of two months is returned within a week of moving out.",
    "Ask anything; we answer the same day.",
    "Pets are welcome if they get on with ours.",
    "We look for somebody who stays for a year or longer.",
)

AMENITIES = (
    "wifi", "parking", "power_backup", "lift", "balcony", "washing_machine", "kitchen",
    "hot_water", "security", "garden", "air_conditioning", "desk",
)  # fmt: skip

PEOPLE = (
    "Aline Uwase", "Arjun Mehta", "Beatrice Mukamana", "Bhavna Rao", "Charles Habimana",
    "Chitra Iyer", "Claudine Ingabire", "Deepak Sharma", "Diane Umutoni", "Divya Nair",
    "Emmanuel Niyonzima", "Esha Kapoor", "Eric Mugisha", "Farhan Qureshi", "Fabrice Ndayisaba",
    "Gauri Deshpande", "Grace Uwimana", "Harsh Vardhan", "Honorine Iradukunda", "Ishaan Bose",
    "Innocent Hakizimana", "Jaya Menon", "Jean Bosco Nshuti", "Kabir Sethi", "Josiane Mutesi",
    "Kavya Reddy", "Kevin Rukundo", "Lakshmi Pillai", "Liliane Keza", "Manish Gupta",
    "Marie Uwera", "Neha Joshi", "Olivier Gasana", "Nikhil Shetty", "Pascaline Ishimwe",
    "Pooja Bhatt", "Robert Kayitare", "Rohan Das", "Solange Nyirahabimana", "Sneha Kulkarni",
)  # fmt: skip

# Seeds of ghar.management.pictures.scenes that no photo check takes for each other, turned or mirrored.
PICTURE_SEEDS = {
    "exterior": list(range(1, 51)),
    "room": [*range(1, 39), *range(40, 52)],
    "bedroom": [
        *(1, 2, 5, 6, 8, 9, 12, 13, 15, 17, 21, 22, 28, 29, 30, 33, 34, 42, 49, 52, 53, 55, 57),
        *(61, 62, 65, 73, 75, 81, 103, 104, 106, 116, 121, 124, 136, 139, 144),
    ],
    "kitchen": [*range(1, 16), *range(17, 33), *range(34, 39)],
    "bathroom": [
        *(1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 14, 15, 20, 21, 22, 23, 32, 34, 36, 44, 45, 46, 51, 62),
    ],
}


class Home(NamedTuple):
    city: str
    locality: str
    property_type: str
    bedrooms: int
    rent: int
    title: str


HOMES = [
    Home(city, locality, kind, int(bedrooms), int(rent), title)
    for city, locality, kind, bedrooms, rent, title in (
        line.split("|") for line in _HOMES.strip().splitlines()
    )
]
